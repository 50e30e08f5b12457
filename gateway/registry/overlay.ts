/**
 * Which version of a source serves: the working tree's or the registry's. The registry lies over the tree: what a team registered
 * holds until somebody changes the tree's own source of that name. Both are only read, so replicas of one image decide alike.
 */
import type { RegistryEntry, Revision } from './store/store.ts';

/** `absent` is a source that was withdrawn. */
export type Origin =
  | { from: 'tree' }
  | { from: 'registry'; entry: RegistryEntry }
  | { from: 'absent'; entry: RegistryEntry };

/**
 * @param tree hash of each source of the working tree, by name
 * @param registered what the newest revision holds
 */
export function originsOf(
  tree: ReadonlyMap<string, string>,
  registered: Revision['sources'],
): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>([...tree.keys()].map((name) => [name, { from: 'tree' }]));
  for (const [name, entry] of Object.entries(registered)) {
    const own = tree.get(name);
    // The tree has another source than the one that was registered over: whoever changed it came later.
    if (own !== undefined && own !== entry.overTree) continue;
    if (entry.state === 'withdrawn') origins.set(name, { from: 'absent', entry });
    // Version 0 is the tree's own: the registry only holds something for later.
    else if (entry.version > 0) origins.set(name, { from: 'registry', entry });
  }
  return origins;
}
