/** What happens to reads happens to mutations too: with all that may send a call again switched on, each is sent once at most. */
import { endpointVariable } from '../kit/project.ts';
import type { Fault, SourceName } from './fault.ts';
import { EAGER } from './rest-faults.ts';

const MUTATIONS = {
  people: 'createPerson(input: { full_name: "Ada" }) { id }',
  stock: 'stockClose(input: { shelf: "a" }) { sku }',
} as const;
const AGAIN = { retry: EAGER, hedge: { minimumCalls: 2, minimumMs: 1 } };
/** Two addresses: of one server, or of two where there is no path that could tell them apart. */
const ADDRESSES = {
  people: ['a', 'b'].map((path) => `\${${endpointVariable('people')}}/${path}`),
  stock: ['stock', 'ratings'].map((name) => `\${${endpointVariable(name)}}`),
} as const;
/** Retries, hedges and another address: all that could send a call of gRPC again. */
export const GRPC_AGAIN = { ...AGAIN, endpoints: { static: ADDRESSES.stock } };

/** @param reads faults of one read each; the others are left out */
export function repeatedFaults(reads: readonly Fault[]): Fault[] {
  return reads.flatMap((read) => {
    const source = sourceOf(read);
    const isOne = read.ask === undefined && read.fields.startsWith('get');
    if (!source || !isOne) return [];
    const [least, most] = read.calls;
    const own = read.policies?.[source] ?? {};
    const addresses = !read.endpoints && { endpoints: { static: ADDRESSES[source] } };
    const stock = read.upstreams?.stock;
    return {
      ...read,
      ...(stock && { upstreams: { ...read.upstreams, ratings: stock } }),
      name: `mutation, ${read.name}`,
      kind: 'mutation' as const,
      fields: MUTATIONS[source],
      // A read is answered by the second attempt, and what is asked again later is, too.
      expected: read.expected === 'answered' ? 'UPSTREAM_RATE_LIMITED' : read.expected,
      memory: { ...read.memory, ...(read.expected === 'answered' && { codes: ['answered'] }) },
      calls: [Math.min(1, least), Math.min(1, most)] as const,
      policies: { [source]: { ...own, ...AGAIN, ...addresses } },
    };
  });
}

function sourceOf({ upstreams, endpoints }: Fault): keyof typeof MUTATIONS | undefined {
  const [name] = Object.keys({ ...upstreams, ...endpoints }) as SourceName[];
  return name === 'people' || name === 'stock' ? name : undefined;
}
