/** The key of an answer: equal for requests that must get the same answer, and for no others. */
import type { Principal } from '../context.ts';
import type { Keeping } from '../execute/keeping.ts';
import { sha256 } from '../lib/hash.ts';
import { nominatedBy } from '../lib/header-fields.ts';
import { isRecord, stableStringify } from '../lib/json.ts';

/** Raised whenever what is stored would be read in another way. */
const FORM = '3';

export type KeyParts = {
  /** Id of the generation: schema, policies, addresses and credentials. */
  readonly generation: string;
  /** Stands for the text of the document. */
  readonly documentHash: string;
  /** Name of the operation; empty for one that has none. */
  readonly name: string;
  /** Coerced values of the variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly keeping: Pick<Keeping, 'headers'>;
  /** Whether the answer is for the principal alone. */
  readonly isPrivate: boolean;
  readonly principal: Principal;
  /** Equal for who is denied the same of the operation. */
  readonly grants: string;
  /** Headers of the request, lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
};

/** @returns undefined when a variable is no plain value (a file) */
export function answerKey(parts: KeyParts): string | undefined {
  const { generation, documentHash, name, variables, keeping, isPrivate, principal, grants, headers } = parts;
  if (!isPlain(variables)) return undefined;
  return sha256([
    FORM,
    generation,
    documentHash,
    name,
    stableStringify(variables),
    grants,
    headersText(keeping.headers, headers),
    isPrivate ? principalText(principal) : '',
  ]);
}

/**
 * Headers that calls send on. One that the client declares to be about its own connection may not be sent (RFC 9110 §7.6.1), so that
 * the same value means something else then.
 */
function headersText(names: readonly string[], headers: ReadonlyMap<string, string>): string {
  const nominated = names.length === 0 ? undefined : nominatedBy(headers.get('connection'));
  return JSON.stringify(
    names.map((name) => {
      const value = headers.get(name);
      return value === undefined ? [name] : [name, value, nominated?.has(name) === true];
    }),
  );
}

/** Who it is, and what it is known by; not by which of its proofs, nor until when. */
function principalText({ kind, id, tenant, roles, scopes, claims }: Principal): string {
  return stableStringify({ kind, id, tenant, roles: [...roles].sort(), scopes: [...scopes].sort(), claims });
}

/** Whether JSON tells the value apart from all others: no files, dates or bytes. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return !/^(function|symbol|bigint)$/.test(typeof value);
  if (Array.isArray(value)) return value.every(isPlain);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    isRecord(value) && (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlain)
  );
}
