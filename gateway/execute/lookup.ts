import { createKeyTarget, type KeyTarget } from './keys.ts';
import type { Lookup, Model } from './model.ts';

/** Most keys of one call where nobody says otherwise. */
const DEFAULT_BATCH_SIZE = 100;

/** Where the keys of a lookup go. @throws when its root field is not in the schema */
export function targetOf(model: Model, lookup: Lookup): KeyTarget {
  const field = model.schema.getQueryType()?.getFields()[lookup.field];
  if (!field) throw new Error(`Query.${lookup.field} is not in the schema`);
  return createKeyTarget(field.args, lookup.keysArg, lookup.keysArgFields);
}

/** Most keys of one call: what the join asks for, never more than the policy of the source allows; 1 where keys go one by one. */
export function batchSizeOf(model: Model, lookup: Lookup): number {
  if (!targetOf(model, lookup).bulk) return 1;
  const most = model.maxKeys(lookup.source, lookup.field);
  if (lookup.batchSize === undefined) return most ?? DEFAULT_BATCH_SIZE;
  return Math.min(lookup.batchSize, most ?? lookup.batchSize);
}
