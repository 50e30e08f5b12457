import { createHive } from './hive.ts';

export const peer = createHive({
  name: 'hive-gateway',
  note: 'Hive Gateway as it comes, over a supergraph by Mesh Compose; the same contracts, joins by `@resolveTo` with the same keys; one process.',
  config: 'gateway.config.mjs',
});
