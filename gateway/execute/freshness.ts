import type { CallRecord } from '../context.ts';
import { type CallSite, callTreeOf } from './call-tree.ts';
import type { Model } from './model.ts';
import type { Plan } from './plan.ts';

/** A field whose value, for one parent or more, was a stored answer past its age. */
export type StaleField = {
  /** Response keys from the root, joined by dots. */
  path: string;
  coordinate: string;
  source: string;
  /** Served while a newer one is being fetched, or because the source failed (RFC 5861). */
  reason: 'stale-while-revalidate' | 'stale-if-error';
  /** Age of the oldest such answer, in ms; absent where it is not known. */
  ageMs?: number;
};

/** Tells which fields of an answer are stale and why, by the calls that were made for it. */
export function staleFieldsOf(model: Model, plan: Plan, records: readonly CallRecord[]): StaleField[] {
  const stale = new Map<number, Pick<StaleField, 'reason' | 'ageMs'>>();
  for (const { group, cache, ageMs } of records) {
    if (group === undefined || (cache !== 'stale' && cache !== 'stale-if-error')) continue;
    const known = stale.get(group);
    const reason =
      cache === 'stale-if-error' || known?.reason === 'stale-if-error' ? 'stale-if-error' : 'stale-while-revalidate';
    const oldest = Math.max(ageMs ?? -1, known?.ageMs ?? -1);
    stale.set(group, { reason, ...(oldest >= 0 && { ageMs: oldest }) });
  }
  if (stale.size === 0) return [];
  const found: StaleField[] = [];
  const visit = ({ node, group, below }: CallSite): void => {
    // What was looked up with a stale key is as stale as the key.
    const why = [group, ...node.keyGroups].map(({ id }) => stale.get(id)).find((each) => each !== undefined);
    if (why) found.push({ path: node.path.join('.'), coordinate: node.coordinate, source: node.source, ...why });
    for (const site of below) visit(site);
  };
  for (const site of callTreeOf({ model }, plan, {}).sites) visit(site);
  return found;
}
