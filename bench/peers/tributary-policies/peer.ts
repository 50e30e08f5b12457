import { root } from '../../lib/launch.ts';
import { createTributary } from '../tributary/peer.ts';

export const peer = createTributary({
  name: 'tributary-policies',
  note: 'This gateway with all policies on: JWTs are asked for, rules by scope on every call, limits of cost and of rate in memory, metrics and logs.',
  home: root,
  variant: { policy: { defaults: { requiresScopes: [['posts:read']] } }, settings: 'policies' },
  setups: [{ workload: 'posts', forward: false, signed: true }],
});
