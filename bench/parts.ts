import { root } from './lib/launch.ts';
import { createTributary } from './peers/tributary/peer.ts';
import type { Peer } from './types.ts';

type Part = {
  readonly name: string;
  readonly what: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly policy?: Readonly<Record<string, unknown>>;
};

/** What makes the gateway fast, each with the one setting that goes without it. */
const parts: readonly Part[] = [
  { name: 'long-way', what: 'without the short way in', config: { execution: { shortEntry: false } } },
  { name: 'each-run', what: 'without one run for equal queries', config: { execution: { shareOperations: false } } },
  { name: 'resolvers', what: 'without programs: the reference engine', config: { execution: { engine: 'reference' } } },
  { name: 'each-call', what: 'without one call for equal reads', policy: { coalesce: false } },
  {
    name: 'each-answer',
    what: 'without knowing answers again that come again',
    config: { callCache: { unchangedBytes: 0 } },
  },
];

/** This gateway once for each of its parts, with that part alone switched off: `docs/performance.md` says what they are. */
export function createParts(): Peer[] {
  return parts.map(({ name, what, config = {}, policy = {} }) =>
    createTributary({
      name: `tributary-${name}`,
      note: `This gateway ${what}: \`${JSON.stringify({ ...config, ...policy })}\`.`,
      home: root,
      variant: { policy, config },
      setups: [
        { workload: 'posts', forward: false },
        { workload: 'posts', forward: true },
        { workload: 'shop', forward: false },
      ],
    }),
  );
}
