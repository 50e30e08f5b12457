import fc from 'fast-check';
import { createResponseCache } from '../../../gateway/cache/resources.ts';
import { gatewaySchema } from '../../../gateway/config/schema.ts';
import { type Asking, startCached } from '../../kit/cached.ts';
import { createFakeClock } from '../../kit/clock.ts';
import { DOCUMENTS, PRINCIPALS, privacyWorld } from './world.ts';

type Step = {
  who: number;
  what: number;
  n: number;
  language: string | null;
  tenant: string | null;
  connection: string | null;
  ms: number;
};

const step = fc.record<Step>({
  who: fc.nat(2),
  what: fc.nat(1),
  n: fc.nat(1),
  language: fc.constantFrom(null, null, 'de'),
  tenant: fc.constantFrom(null, null, 'de'),
  connection: fc.constantFrom(null, null, null, 'x-tenant'),
  ms: fc.constantFrom(0, 0, 0, 0, 0, 0, 1000, 1000, 45_000, 70_000),
});

export type PrivacyReport = { readonly requests: number; readonly hits: number };

/**
 * Whatever clients ask one after another and at once, each gets what it would get if nothing was kept.
 *
 * @throws with the least sequence of requests of which that is not so
 */
export async function provePrivacy({ runs, seed }: { runs: number; seed: number }): Promise<PrivacyReport> {
  const report = { requests: 0, hits: 0 };
  const clock = createFakeClock();
  const config = gatewaySchema.parse({}).responseCache;
  const events = { answerStoreFailed: fail, answersDropped: () => undefined };
  await using cache = createResponseCache({ config, events, now: clock.now });
  const kept = startCached({ ...privacyWorld(), cache, now: clock.now });
  const plain = startCached({ ...privacyWorld(), settings: { enabled: false }, now: clock.now });
  const check = async (each: Step): Promise<void> => {
    const [query, asking] = askingOf(each);
    const [given, wanted] = await Promise.all([kept.ask(query, asking), plain.ask(query, asking)]);
    report.requests += 1;
    if (given.outcome === 'HIT' || given.outcome === 'STALE') report.hits += 1;
    const shown = ({ data, errors }: typeof given): string => JSON.stringify([data, errors]);
    if (shown(given) !== shown(wanted))
      throw new Error(`${query} gave ${given.outcome} ${shown(given)} in place of ${shown(wanted)}`);
  };
  // A few clients that ask for the same few things: whoever may meet another's answer does.
  const clients = fc.tuple(...[0, 1, 2].map(() => fc.nat(PRINCIPALS.length - 1)));
  const documents = fc.tuple(...[0, 1].map(() => fc.nat(DOCUMENTS.length - 1)));
  const steps = fc.array(step, { minLength: 2, maxLength: 20, size: 'max' });
  await fc.assert(
    fc.asyncProperty(clients, documents, steps, fc.boolean(), async (who, what, drawn, atOnce) => {
      const sequence = drawn.map((each) => ({ ...each, who: who[each.who] ?? 0, what: what[each.what] ?? 0 }));
      // Each sequence begins with nothing.
      clock.advance(1_000_000);
      if (atOnce) await Promise.all(sequence.map(check));
      else {
        for (const each of sequence) {
          clock.advance(each.ms);
          await check(each);
        }
      }
    }),
    { numRuns: runs, seed },
  );
  return report;
}

function askingOf({ who, what, n, language, tenant, connection }: Step): [string, Asking] {
  const headers = {
    ...(language !== null && { 'accept-language': language }),
    ...(tenant !== null && { 'x-tenant': tenant }),
    ...(connection !== null && { connection }),
  };
  const principal = PRINCIPALS[who];
  const query = DOCUMENTS[what] ?? '';
  return [query, { headers, variables: query.includes('$n') ? { n } : {}, ...(principal && { principal }) }];
}

function fail(error: unknown): never {
  throw error;
}
