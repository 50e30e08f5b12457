import type { Principal } from '../../context.ts';

/** A claim of the principal as texts; none where it has no such claim. */
function claimOf({ claims }: Principal, name: string): readonly string[] {
  return claims && Object.hasOwn(claims, name) ? texts(claims[name]) : [];
}

/** Whether the value, or each of a list of values, is the principal's claim, or one of a claim that is a list. Nothing equals nothing. */
export function equalsClaim(principal: Principal, claim: string, value: unknown): boolean {
  const own = claimOf(principal, claim);
  const asked = [value].flat();
  return asked.length > 0 && asked.every((each) => texts(each).some((text) => own.includes(text)));
}

/** A number and its digits are one: sources write ids either way. */
function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) ? [String(value)] : [];
}
