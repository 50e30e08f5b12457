import { fileURLToPath } from 'node:url';
import { createResolverPeer } from '../../lib/resolver-peer.ts';

export const peer = createResolverPeer({
  name: 'mercurius',
  note: 'Mercurius on Fastify with its JIT (`jit: 1`) around the resolvers of `hand-written`: DataLoader, undici, grpc-js.',
  folder: fileURLToPath(new URL('.', import.meta.url)),
});
