import { existsSync, readdirSync } from 'node:fs';
import type { Peer } from './types.ts';

const folder = new URL('./peers/', import.meta.url);

/** The servers there are: every folder of `bench/peers/` with a `peer.ts`. Ours comes first. */
export function peerNames(): string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(new URL(`${name}/peer.ts`, folder)))
    .sort((a, b) => Number(b === ours) - Number(a === ours) || a.localeCompare(b));
}

/** The server all ratios refer to. */
export const ours = 'tributary';

/** @throws Error when a folder's peer does not bear the folder's name */
export async function loadPeer(name: string): Promise<Peer> {
  const { peer } = (await import(new URL(`${name}/peer.ts`, folder).href)) as { peer: Peer };
  if (peer.name !== name) throw new Error(`bench/peers/${name}/peer.ts exports the peer ${peer.name}`);
  return peer;
}
