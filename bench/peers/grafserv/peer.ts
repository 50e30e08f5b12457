import { fileURLToPath } from 'node:url';
import { createResolverPeer } from '../../lib/resolver-peer.ts';

export const peer = createResolverPeer({
  name: 'grafserv',
  note: 'Grafserv on node:http; Grafast plans with batched steps (`loadOne`) in place of resolvers and DataLoader, an undici Pool.',
  folder: fileURLToPath(new URL('.', import.meta.url)),
  setups: [
    { workload: 'posts', forward: false },
    { workload: 'posts', forward: true },
  ],
});
