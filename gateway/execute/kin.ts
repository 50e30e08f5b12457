/** Children of a schema that others build upon, where no discriminator says which a value is: what each asks for beyond its base. */
import { isRecord } from '../lib/json.ts';
import { fits, isThere, type Variant } from './variants.ts';

/** What a value shows of all that a member asks for: required properties, and properties whose few values are as the member has them. */
type Shown = ReadonlyMap<string, ReadonlySet<string> | undefined>;

/**
 * The one child that a value shows, the base where it shows none, undefined when several are left. A child is shown by all that it
 * requires beyond the base, or by one of its few values; one that a value contradicts is out. Of a child and one that builds upon it
 * the latter is meant only where the value shows something of it alone.
 */
export function chooseKin(kin: readonly Variant[], base: string, value: unknown): string | undefined {
  if (!isRecord(value)) return base;
  const possible = kin
    .filter((each) => fits({ ...each, required: [] }, value))
    .map((variant) => ({ variant, shown: shownOf(variant, value) }))
    .filter(({ shown }) => shown.size > 0);
  const whole = possible.filter(({ variant }) => variant.required.every((name) => isThere(value, name)));
  // Services leave out what they promise; then a value that only one has still tells.
  const told =
    whole.length > 0 ? whole : possible.filter(({ variant, shown }) => shown.size > requiredIn(variant, shown));
  const left = told.filter((each) => !told.some((other) => other !== each && isMeant(other, each)));
  const [only, second] = new Set(left.map(({ variant }) => variant.type));
  return second === undefined ? (only ?? base) : undefined;
}

type Candidate = { variant: Variant; shown: Shown };

function shownOf({ required, values }: Variant, value: Readonly<Record<string, unknown>>): Shown {
  return new Map<string, ReadonlySet<string> | undefined>([
    ...required.filter((name) => isThere(value, name)).map((name) => [name, undefined] as const),
    ...values.filter(([name]) => isThere(value, name)).map(([name, allowed]) => [`${name}=`, allowed] as const),
  ]);
}

function requiredIn({ required }: Variant, shown: Shown): number {
  return required.filter((name) => shown.has(name)).length;
}

/** Whether a value that shows both means `a`. */
function isMeant(a: Candidate, b: Candidate): boolean {
  if (a.variant.extends.includes(b.variant.type)) return showsMore(a.shown, b.shown);
  if (b.variant.extends.includes(a.variant.type)) return !showsMore(b.shown, a.shown);
  return a.shown.size > b.shown.size && [...b.shown.keys()].every((name) => a.shown.has(name));
}

function showsMore(own: Shown, other: Shown): boolean {
  return [...own].some(([name, allowed]) => {
    const before = other.get(name);
    return !other.has(name) || (allowed !== undefined && before !== undefined && allowed.size < before.size);
  });
}
