import { fileURLToPath } from 'node:url';
import { createResolverPeer } from '../../lib/resolver-peer.ts';

export const peer = createResolverPeer({
  name: 'apollo-server',
  note: 'Apollo Server 5 (`startStandaloneServer`) around the resolvers of `hand-written`: DataLoader, undici, grpc-js.',
  folder: fileURLToPath(new URL('.', import.meta.url)),
});
