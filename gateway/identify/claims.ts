import type { ClaimNames } from '../config/tokens.ts';
import { isRecord } from '../lib/json.ts';
import type { Identified } from './principal.ts';

/** Longest name of anybody; what is longer is no id but an attack on whoever keeps it. */
const MAX_ID = 512;
/** Most roles, and most scopes, of one token. */
const MAX_GRANTS = 500;

/** What the claims of a token say about its principal. */
export type Claimed = Pick<Identified, 'subject' | 'tenant' | 'roles' | 'scopes' | 'claims'>;

/** Reads the claims of a token by the names that its issuer gives them; undefined where they name nobody. */
export function readClaims(payload: Readonly<Record<string, unknown>>, names: ClaimNames): Claimed | undefined {
  const subject = textOf(claimOf(payload, names.id));
  if (subject === undefined) return undefined;
  const tenant = textOf(claimOf(payload, names.tenant));
  const kept = names.keep.flatMap((name) => {
    const value = claimOf(payload, name);
    return isComparable(value) ? [[name, value] as const] : [];
  });
  return {
    subject,
    tenant,
    roles: listOf(claimOf(payload, names.roles), (text) => [text]),
    scopes: listOf(claimOf(payload, names.scopes), (text) => text.split(' ')),
    claims: Object.fromEntries(kept),
  };
}

/** A claim by its name, which may hold dots itself (`https://shop.example/roles`), else by its path. */
export function claimOf(payload: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  return name.split('.').reduce<unknown>((value, step) => {
    return isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, payload);
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= MAX_ID ? text : undefined;
}

/** @param split what a single text stands for */
function listOf(value: unknown, split: (text: string) => readonly string[]): string[] {
  const texts = Array.isArray(value) ? value : typeof value === 'string' ? split(value) : [];
  return texts.filter((text): text is string => typeof text === 'string' && text !== '').slice(0, MAX_GRANTS);
}

function isComparable(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= MAX_GRANTS && value.every(isComparable);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
