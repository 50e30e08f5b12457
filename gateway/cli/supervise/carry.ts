/** What a process that takes over goes on with: what is in the memory of its predecessor alone and cannot be found out again. */
import type { Breakers } from '../../connect/chain/breakers.ts';
import type { LimitStores } from '../../limit/taking.ts';
import type { RecordStore } from '../../record/store.ts';
import type { Carried } from './messages.ts';

export type Carrying = {
  /** Undefined where operations are not recorded. */
  readonly operations: RecordStore | undefined;
  readonly limits: Pick<LimitStores, 'local'>;
  readonly breakers: Pick<Breakers, 'held' | 'adopt'>;
};

/** Gathers it. What all replicas share is left where it is. */
export async function carry({ operations, limits, breakers }: Carrying): Promise<Carried> {
  const recorded = operations?.adopt ? await operations.list() : [];
  return { operations: recorded, budgets: limits.local.carry(), breakers: breakers.held() };
}

/** Goes on with it. */
export function adopt(carried: Carried, { operations, limits, breakers }: Carrying): void {
  operations?.adopt?.(carried.operations);
  limits.local.adopt(carried.budgets);
  breakers.adopt(carried.breakers);
}
