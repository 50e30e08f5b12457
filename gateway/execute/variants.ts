/** Members of a union that no discriminator tells apart: by what the contract requires and allows of each (`@variants`). */
import { isRecord } from '../lib/json.ts';

export type Variant = {
  type: string;
  /** What the value is in JSON; `scalar` for text, number and boolean, `any` for whatever no other member is. */
  json: 'object' | 'array' | 'scalar' | 'any';
  /** Other members that it is built upon. */
  extends: readonly string[];
  required: readonly string[];
  /** Properties that allow few values only, as text. */
  values: readonly (readonly [string, ReadonlySet<string>])[];
};

/** Reads the members of one `@variants`. */
export function readVariants(args: Readonly<Record<string, unknown>>): Variant[] {
  const members = Array.isArray(args['members']) ? args['members'] : [];
  return members.filter(isRecord).map(
    (member): Variant => ({
      type: String(member['type']),
      json: (['object', 'array', 'scalar'] as const).find((json) => json === member['json']) ?? 'any',
      extends: Array.isArray(member['extends']) ? member['extends'].map(String) : [],
      required: Array.isArray(member['required']) ? member['required'].map(String) : [],
      values: (Array.isArray(member['values']) ? member['values'] : []).flatMap((pair: unknown) =>
        Array.isArray(pair) && Array.isArray(pair[1]) ? [[String(pair[0]), new Set(pair[1].map(String))] as const] : [],
      ),
    }),
  );
}

/** What a property of a value says. */
export type Word = { property: string; text: string };

/** Whether the contract of the member has this very value for the property. */
export function allows({ values }: Variant, { property, text }: Word): boolean {
  return values.some(([name, allowed]) => name === property && allowed.has(text));
}

/**
 * The one member a value can be; undefined when several are left. Constants come first, then required properties: a member that
 * requires more than another, and has it, is the closer one (a child beside its parent).
 */
export function chooseVariant(variants: readonly Variant[], value: unknown): string | undefined {
  const kind = Array.isArray(value) ? 'array' : isRecord(value) ? 'object' : 'scalar';
  const ofKind = variants.filter(({ json }) => json === kind);
  const fitting = isRecord(value) ? ofKind.filter((variant) => fits(variant, value)) : ofKind;
  const closest = fitting.filter((variant) => !fitting.some((other) => isCloser(other, variant)));
  const [only, second] = closest;
  if (second) return undefined;
  return only?.type ?? variants.find(({ json }) => json === 'any')?.type;
}

/** Whether a value has what the member requires, and nothing that the member does not allow. */
export function fits({ required, values }: Variant, value: Readonly<Record<string, unknown>>): boolean {
  if (!required.every((name) => Object.hasOwn(value, name))) return false;
  return values.every(([name, allowed]) => !isThere(value, name) || allowed.has(String(value[name])));
}

/** Whether a value has a property, and not null. */
export function isThere(value: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.hasOwn(value, name) && value[name] !== undefined && value[name] !== null;
}

/** Whether `a` asks for all that `b` asks for, and for more. */
function isCloser(a: Variant, b: Variant): boolean {
  const asked = [...a.required, ...a.values.map(([name]) => `${name}=`)];
  const less = [...b.required, ...b.values.map(([name]) => `${name}=`)];
  return asked.length > less.length && less.every((name) => asked.includes(name));
}
