/** What the registry knows of a source after a change, as pure functions of what it knew before. */
import type { RegistryEntry, SourceVersion } from '../store/store.ts';

/** What a change brings. */
export type EntryFacts = {
  bundle: string;
  version: number;
  at: number;
  by: string;
  owner: string | undefined;
  overTree: string | undefined;
  /** See `SourceVersion`. */
  isVouched?: boolean;
};

/** After a version was taken into service. */
export function servedEntry(before: RegistryEntry | undefined, facts: EntryFacts, keepVersions: number): RegistryEntry {
  const { bundle, version, owner, overTree } = facts;
  const others = (before?.versions ?? []).filter((each) => each.version !== version);
  return {
    bundle,
    version,
    last: Math.max(version, nextVersion(before) - 1),
    state: before === undefined || before.state === 'withdrawn' ? 'active' : before.state,
    ...(before?.stateReason === undefined || before.state === 'withdrawn' ? {} : { stateReason: before.stateReason }),
    versions: [...others, recordOf(before, facts)].slice(-keepVersions),
    ...(owner === undefined ? {} : { owner }),
    ...(overTree === undefined ? {} : { overTree }),
    ...(before?.held !== undefined && before.held.version !== version ? { held: before.held } : {}),
  };
}

/** A version that comes back, or waited, was made when it was made, by who made it: the revision says who took it up. */
function recordOf(
  before: RegistryEntry | undefined,
  { bundle, version, at, by, isVouched }: EntryFacts,
): SourceVersion {
  const known = before?.versions.find((each) => each.version === version);
  if (known) return { ...known, bundle };
  const { held } = before ?? {};
  const made = held?.version === version && held.by !== undefined ? { at: held.at, by: held.by } : { at, by };
  return { version, bundle, ...made, ...(isVouched === true ? { isVouched } : {}) };
}

/** After a version was put aside until somebody promotes it; what serves goes on. */
export function heldEntry(before: RegistryEntry | undefined, facts: EntryFacts, reason: string): RegistryEntry {
  const { bundle, version, at, by, owner, isVouched } = facts;
  const held = { bundle, version, at, by, reason, ...(isVouched === true ? { isVouched } : {}) };
  // Version 0 is the working tree's, or nothing.
  return {
    ...(before ?? { bundle: '', version: 0, state: 'active', versions: [], ...(owner === undefined ? {} : { owner }) }),
    last: Math.max(version, nextVersion(before) - 1),
    held,
  };
}

/** After the source was taken out; its versions stay, to go back to. */
export function withdrawnEntry(
  before: RegistryEntry | undefined,
  { overTree, owner }: Pick<EntryFacts, 'overTree'> & Partial<Pick<EntryFacts, 'owner'>>,
): RegistryEntry {
  const last = nextVersion(before) - 1;
  const { overTree: _overTree, held: _held, ...rest } = before ?? { bundle: '', version: 0, versions: [] };
  const whose = owner === undefined ? {} : { owner };
  return { ...rest, ...whose, last, state: 'withdrawn', ...(overTree === undefined ? {} : { overTree }) };
}

/** A number that no version of the source had. */
export function nextVersion(entry: RegistryEntry | undefined): number {
  return Math.max(0, entry?.last ?? 0, entry?.version ?? 0, entry?.held?.version ?? 0) + 1;
}
