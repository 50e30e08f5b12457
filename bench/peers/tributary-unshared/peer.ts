import { root } from '../../lib/launch.ts';
import { createTributary } from '../tributary/peer.ts';

export const peer = createTributary({
  name: 'tributary-unshared',
  note: 'This gateway with no sharing of work: `coalesce: false` for every source.',
  home: root,
  variant: { policy: { coalesce: false } },
  setups: [
    { workload: 'posts', forward: false },
    { workload: 'posts', forward: true },
    { workload: 'shop', forward: false },
  ],
});
