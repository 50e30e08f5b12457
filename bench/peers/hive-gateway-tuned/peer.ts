import { createHive } from '../hive-gateway/hive.ts';

export const peer = createHive({
  name: 'hive-gateway-tuned',
  note: 'Hive Gateway with `jit` and deduplication of requests, over the same supergraph.',
  config: 'gateway.tuned.config.mjs',
});
