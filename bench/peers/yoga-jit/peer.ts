import { fileURLToPath } from 'node:url';
import { createResolverPeer } from '../../lib/resolver-peer.ts';

export const peer = createResolverPeer({
  name: 'yoga-jit',
  note: 'GraphQL Yoga on node:http with graphql-jit around the resolvers of `hand-written`: DataLoader, an undici Pool, grpc-js.',
  folder: fileURLToPath(new URL('.', import.meta.url)),
});
