import { Refusal } from '../refusal.ts';
import type { Actor } from './types.ts';

/**
 * A team changes only its own sources: those whose policy names it as owner. What has no owner yet belongs to whoever may change all, and a
 * new source to the team that its policy names.
 * @param owners the owner before the change, and after it
 * @throws Refusal forbidden
 */
export function checkRights(actor: Actor, source: string, owners: readonly (string | undefined)[]): void {
  if (actor.owners.includes('*')) return;
  for (const owner of owners) {
    if (owner !== undefined && actor.owners.includes(owner)) continue;
    const whose = owner === undefined ? 'has no owner: name yours in its policy (owner: …)' : `belongs to ${owner}`;
    throw new Refusal(
      'forbidden',
      `${source} ${whose}; ${actor.name} changes sources of ${actor.owners.join(', ') || 'nobody'}.`,
    );
  }
}

/** Whether a team may see what stands in the files of a source: who may change it may. Keys and passwords stand there. */
export function mayRead(actor: Actor, owner: string | undefined): boolean {
  return actor.owners.includes('*') || (owner !== undefined && actor.owners.includes(owner));
}
