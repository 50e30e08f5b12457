/** What `@rateLimit` says of fields, and the budgets it makes. */
import { type GraphQLField, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import type { RequestContext } from '../context.ts';
import { clientBlock } from '../lib/client-block.ts';
import { sha256 } from '../lib/hash.ts';
import { stableStringify } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';
import type { Charge } from './charges.ts';
import { principalKey, slotOf } from './dimensions.ts';
import type { WantedPoints } from './store.ts';

export type FieldRule = {
  /** `Type.field` that has the directive. */
  readonly coordinate: string;
  readonly max: number;
  readonly windowMs: number;
  /** Paths of arguments whose values have budgets of their own. */
  readonly identityArgs: readonly (readonly string[])[];
};

/** A field that is counted, as it is selected: on the type itself, or on an interface that may turn out to be of the type. */
export type CountedField = { readonly type: string; readonly field: string; readonly rule: FieldRule };

/**
 * Every field that counts for a rule. One of an interface counts for the first rule of the types that may be behind it, and a rule on
 * an interface for all of those.
 */
export function countedFields(schema: GraphQLSchema): CountedField[] {
  const counted = new Map<string, CountedField>();
  const add = (type: string, field: string, rule: FieldRule): void => {
    const key = `${type}.${field}`;
    if (!counted.has(key)) counted.set(key, { type, field, rule });
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const rule = ruleOf(type.name, field);
      if (!rule) continue;
      add(type.name, field.name, rule);
      const related = isInterfaceType(type) ? schema.getPossibleTypes(type) : [];
      for (const other of [...related, ...type.getInterfaces()])
        if (other.getFields()[field.name]) add(other.name, field.name, rule);
    }
  }
  return [...counted.values()];
}

function ruleOf(type: string, field: GraphQLField<unknown, unknown>): FieldRule | undefined {
  const [args] = directivesNamed(field.astNode, 'rateLimit');
  const windowMs = Number(/^(\d+)ms$/.exec(String(args?.['window']))?.[1]);
  if (!args || !(windowMs > 0)) return undefined;
  const paths = Array.isArray(args['identityArgs']) ? args['identityArgs'].map((path) => String(path).split('.')) : [];
  return { coordinate: `${type}.${field.name}`, max: Number(args['max']), windowMs, identityArgs: paths };
}

/** The charge of a field that is selected. */
export type FieldCharge = Charge & { readonly wanted: WantedPoints };

/**
 * The charge of one who selects a field once: a principal, or an address where nobody is known. On a Cluster it stands in one slot with
 * those of rules by the same.
 */
export function fieldCharge(
  { coordinate, max, windowMs, identityArgs }: FieldRule,
  { principal, peer }: Pick<RequestContext, 'principal' | 'peer'>,
  args: Readonly<Record<string, unknown>>,
): FieldCharge {
  const slot =
    principal.kind === 'anonymous'
      ? slotOf([['ip', clientBlock(peer.address)]])
      : slotOf([['principal', principalKey(principal)]]);
  const values = identityArgs.map((path) => valueAt(args, path) ?? null);
  const key = `${slot}:f${sha256([coordinate, slot, stableStringify(values)]).slice(0, 32)}`;
  return {
    rule: { name: coordinate, isField: true, fail: 'local', shadow: false },
    source: undefined,
    wanted: { kind: 'points', key, points: 1, emissionMs: windowMs / max, depthMs: windowMs, shadow: false },
  };
}

/** What is charged where a field is selected once more. */
export function onceMore({ wanted, ...charge }: FieldCharge): FieldCharge {
  return { ...charge, wanted: { ...wanted, points: wanted.points + 1 } };
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (value: unknown, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    values,
  );
}
