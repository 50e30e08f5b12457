import { root } from '../../lib/launch.ts';
import { createTributary } from '../tributary/peer.ts';

export const peer = createTributary({
  name: 'tributary-unshared',
  note: 'This gateway with no sharing of work: `coalesce: false` for every source, `execution.shareOperations: false`, `callCache.unchangedBytes: 0`.',
  home: root,
  variant: { policy: { coalesce: false }, settings: 'unshared' },
  setups: [
    { workload: 'posts', forward: false },
    { workload: 'posts', forward: true },
    { workload: 'shop', forward: false },
  ],
});
