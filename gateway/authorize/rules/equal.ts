import type { Principal } from '../../context.ts';

/** A claim of the principal as texts; none where it has no such claim. */
function claimOf({ claims }: Principal, name: string): readonly (string | undefined)[] {
  return claims && Object.hasOwn(claims, name) ? leavesOf(claims[name]).map(textOf) : [];
}

/**
 * Whether the value, or each of a list of values, however deep the lists, is the principal's claim, or one of a claim that is a list.
 * Nothing equals nothing, and what is no scalar equals nothing either.
 */
export function equalsClaim(principal: Principal, claim: string, value: unknown): boolean {
  const own = claimOf(principal, claim);
  const asked = leavesOf(value).map(textOf);
  return asked.length > 0 && asked.every((text) => text !== undefined && own.includes(text));
}

/** What is in a list, and in the lists inside it; a value that is none is itself. */
function leavesOf(value: unknown): unknown[] {
  return [value].flat(Number.POSITIVE_INFINITY);
}

/** A number and its digits are one: sources write ids either way. Undefined for what is no scalar. */
function textOf(value: unknown): string | undefined {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : undefined;
}
