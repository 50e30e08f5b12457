/** A state that somebody gives a source: deprecated, quarantined, or active again. */

import { encodeBundle } from '../bundle.ts';
import { Refusal } from '../refusal.ts';
import type { Revision } from '../store/store.ts';
import { openView } from '../view.ts';
import { buildCandidate } from './candidate.ts';
import type { ChangeOptions } from './change.ts';
import { commit, unifiedBlob } from './commit.ts';
import { nextVersion, servedEntry } from './entries.ts';
import { checkRights } from './rights.ts';
import { ownerOf, standing } from './standing.ts';
import type { Actor } from './types.ts';

export type StateWish = { name: string; state: 'active' | 'deprecated' | 'quarantined'; reason?: string };

const MAX_TRIES = 5;

/**
 * Nothing is built: fields of a quarantined source answer SOURCE_UNAVAILABLE, those of a deprecated one say so. A source of the working
 * tree becomes the registry's first version of it, so that the state has a place to stand.
 * @throws Refusal unknown-source, forbidden or conflict
 */
export function createSetState(options: ChangeOptions): (wish: StateWish, actor: Actor) => Promise<Revision> {
  const { dir, env, store, supply, config, builder, now } = options;
  return async ({ name, state, reason }, actor) => {
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      await using view = await openView(dir, store, { asked: name });
      const maxBytes = config.registration.maxUploadBytes;
      const source = await standing(view, name, maxBytes);
      if (!source) throw new Refusal('unknown-source', `There is no source ${name}.`);
      const owner = ownerOf(source.files, name, env);
      checkRights(actor, name, [owner]);
      const registered = view.registered.get(name);
      const built = registered
        ? undefined
        : await buildCandidate({ base: view.dir, env, name, source, wishes: {}, builder, maxBytes });
      const bundle = built?.bundle && (await encodeBundle(built.bundle));
      const at = now();
      const entry =
        registered?.entry ??
        servedEntry(
          view.head?.sources[name],
          {
            bundle: bundle?.hash ?? '',
            version: nextVersion(view.head?.sources[name]),
            at,
            by: actor.name,
            owner,
            overTree: view.treeHashes.get(name),
            // What the folder has is the operator's.
            isVouched: true,
          },
          config.registry.keepVersions,
        );
      const { stateReason: _before, ...rest } = entry;
      const revision = await commit({
        store,
        head: view.head,
        at,
        by: actor.name,
        what: 'state',
        source: name,
        reason,
        entry: { ...rest, state, ...(reason === undefined ? {} : { stateReason: reason }) },
        bundle,
        unified: built && (await unifiedBlob(built.built)),
      });
      if (!revision) continue;
      options.events.sourceChanged({
        source: name,
        what: 'state',
        by: actor.name,
        revision: revision.number,
        version: entry.version,
      });
      await supply.refresh(`${name} is ${state}`);
      return revision;
    }
    throw new Refusal('conflict', 'Others change sources all the time: try again in a moment.');
  };
}
