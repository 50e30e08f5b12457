import type { Environment } from '../../config/env.ts';
import { GatewayError } from '../../errors.ts';
import type { Builder } from '../builder.ts';
import { compareBundles } from '../compare.ts';
import type { Impact } from '../impact.ts';
import { Refusal } from '../refusal.ts';
import type { RegistryEntry, RegistryStore } from '../store/store.ts';
import { layBlobs } from '../view.ts';
import { openDesk } from './desk.ts';

export type Difference = { from: number; to: number; changes: Impact };

/**
 * What differs between the schemas of two versions of a source.
 * @throws Refusal unknown-source when there is no such version
 */
export async function diffVersions(
  { store, ...shared }: { store: RegistryStore; env: Environment; builder: Builder },
  name: string,
  from: number | undefined,
  to: number | undefined,
): Promise<Difference> {
  const entry = (await store.head())?.sources[name];
  const newer = to ?? entry?.held?.version ?? entry?.version ?? 0;
  const versions = (entry?.versions ?? []).map(({ version }) => version);
  const serves = newer === entry?.held?.version ? entry.version : versions[versions.indexOf(newer) - 1];
  const older = from ?? serves ?? 0;
  const hashes = [older, newer].map((version) => {
    const hash = bundleOf(entry, version);
    if (hash !== undefined) return hash;
    throw new Refusal('unknown-source', `${name} has no version ${version} in the registry.`);
  });
  await using desk = await openDesk();
  const laid = await layBlobs(store, hashes, desk.folder);
  const [before, after = before] = laid;
  if (!before || !after) throw new GatewayError('INTERNAL');
  return { from: older, to: newer, changes: await compareBundles(before, after, shared) };
}

function bundleOf(entry: RegistryEntry | undefined, version: number): string | undefined {
  if (entry?.held?.version === version) return entry.held.bundle;
  return entry?.versions.find((each) => each.version === version)?.bundle;
}
