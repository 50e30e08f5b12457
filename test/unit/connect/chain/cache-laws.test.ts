/** Laws of what is kept: rows of bulk calls by key, the memory they take, and who asks for which key. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemoryStore } from '../../../../gateway/connect/cache/memory-store.ts';
import { createKeyFlights } from '../../../../gateway/connect/chain/cache-flights.ts';
import type { CallResult } from '../../../../gateway/connect/connector.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { callOf } from '../kit.ts';
import { NOW, world } from './by-key-kit.ts';
import { faultOf, settled } from './kit.ts';

const AGES = { maxAgeMs: 50, staleWhileRevalidateMs: 30, staleIfErrorMs: 80 };
const keyList = fc.uniqueArray(fc.constantFrom('1', '2', '3', '4'), { minLength: 1, maxLength: 4 });

it('no row is older than its ages allow, of another key, or from before a change; whoever fails, leaves or takes long', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('ask' as const), keys: keyList }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(60) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('source' as const), fails: fc.boolean(), hold: fc.boolean() }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const), which: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('change' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(20) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async (steps) => {
      const { start, read, caller, clock, sent, signals, source } = world({ ages: AGES });
      /** When each call reached the source. */
      const sentAt: number[] = [];
      /** Whether it fails there. */
      const failing: boolean[] = [];
      const note = (): void => {
        while (sentAt.length < sent.length) {
          sentAt.push(clock.now());
          failing.push(source.fails !== undefined);
        }
      };
      const answered = new Set<number>();
      let held = 0;
      /** How many calls there had been when the last change ended. */
      let changed = 0;
      const clients: AbortController[] = [];
      const all: Promise<unknown>[] = [];

      const ask = (keys: string[]): void => {
        const client = new AbortController();
        clients.push(client);
        const began = { at: clock.now(), calls: sentAt.length, changed, underWay: new Set<number>() };
        for (const n of sentAt.keys()) if (!answered.has(n) && !signals[n]?.aborted) began.underWay.add(n);
        const judge = (result: CallResult): void => {
          for (const [index, n] of read(result, keys).entries()) {
            if (typeof n !== 'number') continue;
            expect(sent[n - 1]).toContain(keys[index]);
            expect(n).toBeGreaterThan(began.changed);
            const age = began.at - (sentAt[n - 1] ?? began.at);
            // Past what is given while it is fetched anew only where fetching it has failed.
            const hasFailed = sent.some(
              (asked, at) =>
                failing[at] && asked.includes(keys[index] ?? '') && (at >= began.calls || began.underWay.has(at)),
            );
            const most = AGES.maxAgeMs + (hasFailed ? AGES.staleIfErrorMs : AGES.staleWhileRevalidateMs);
            if (!began.underWay.has(n - 1)) expect(age).toBeLessThan(most);
          }
        };
        all.push(
          start(keys, { signal: client.signal }).then(judge, (error: { code?: string }) => {
            // Nobody hears of what others did.
            expect(error.code).toBe(client.signal.aborted ? 'CLIENT_CLOSED' : 'UPSTREAM_FAILED');
          }),
        );
      };
      for (const each of steps) {
        if (each.kind === 'ask') ask(each.keys);
        else if (each.kind === 'pass') clock.advance(each.ms);
        else if (each.kind === 'leave') clients[each.who]?.abort();
        else if (each.kind === 'source') {
          source.hold = each.hold;
          source.fails = each.fails ? faultOf('UPSTREAM_FAILED', 500) : undefined;
        } else if (each.kind === 'answer') source.held[each.which]?.();
        else {
          const { hold, fails } = source;
          Object.assign(source, { hold: false, fails: undefined });
          all.push(caller(callOf('set', {}, { deadline: NOW + 1e9, idempotent: false })));
          await settled();
          Object.assign(source, { hold, fails });
          changed = sent.length;
        }
        note();
        await settled();
        note();
        // What is not held back has been answered; of what is held back, what the test has let go.
        for (const n of sentAt.keys()) if (!source.hold && n >= held) answered.add(n);
        held = sentAt.length;
      }
      source.hold = false;
      for (const go of source.held) go();
      await Promise.all(all);
    }),
    { numRuns: 50, seed: 5 },
  );
});

it('the store in memory gives what was set last and is not too old, and what it gives takes no more than its bytes', async () => {
  const key = fc.constantFrom('a', 'bb', 'ccc', 'dddd');
  const step = fc.oneof(
    fc.record({ set: key, length: fc.nat(80), ttlMs: fc.nat(40) }),
    fc.record({ passMs: fc.nat(30) }),
    fc.record({ drop: key }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const clock = createFakeClock();
      const bounds = { maxBytes: 300, maxEntryBytes: 120 };
      const store = createMemoryStore({ ...bounds, now: clock.now });
      const last = new Map<string, { text: string; until: number }>();
      for (const [n, each] of steps.entries()) {
        if ('passMs' in each) clock.advance(each.passMs);
        else if ('drop' in each) {
          await store.delete(each.drop);
          last.delete(each.drop);
        } else {
          const text = `${n}`.padEnd(each.length, '.');
          await store.set(each.set, text, each.ttlMs);
          last.set(each.set, { text, until: clock.now() + each.ttlMs });
        }
        const names = ['a', 'bb', 'ccc', 'dddd'];
        const given = await store.get(names);
        let bytes = 0;
        for (const [index, text] of given.entries()) {
          if (text === undefined) continue;
          const name = names[index] ?? '';
          expect(text).toBe(last.get(name)?.text);
          expect(clock.now()).toBeLessThan(last.get(name)?.until ?? 0);
          const size = 2 * (text.length + name.length);
          expect(size).toBeLessThanOrEqual(bounds.maxEntryBytes);
          bytes += size;
        }
        expect(bytes).toBeLessThanOrEqual(bounds.maxBytes);
        // What was set just now, fits, and lives, is there.
        if ('set' in each && each.ttlMs > 0) {
          const { text = '' } = last.get(each.set) ?? {};
          const fits = 2 * (text.length + each.set.length) <= bounds.maxEntryBytes;
          expect(given[names.indexOf(each.set)]).toBe(fits ? text : undefined);
        }
      }
    }),
    { numRuns: 50, seed: 5 },
  );
});

it('a key is joined exactly while it is asked for in its own group, and no more keys are known than may be', async () => {
  const group = fc.constantFrom('one', 'two');
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ group, keys: keyList }) },
    { weight: 2, arbitrary: fc.record({ ends: fc.nat(10) }) },
    { weight: 1, arbitrary: fc.constant('part' as const) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 30, size: 'max' }),
      fc.integer({ min: 1, max: 8 }),
      async (steps, most) => {
        const flights = createKeyFlights(most);
        const begun: { forget: () => void; at: object }[] = [];
        /** Which flight asks for a key, by group and key. */
        const model = new Map<string, object>();
        for (const each of steps) {
          if (each === 'part') {
            flights.part();
            model.clear();
          } else if ('ends' in each) {
            const flight = begun[each.ends];
            flight?.forget();
            for (const [name, at] of model) if (at === flight?.at) model.delete(name);
          } else {
            const { joined, own } = flights.split(each.group, each.keys);
            const found = new Map([...joined].flatMap(([flight, keys]) => keys.map((key) => [key, flight] as const)));
            for (const key of each.keys) expect(found.get(key)).toBe(model.get(`${each.group} ${key}`));
            expect([...found.keys(), ...own].sort()).toEqual([...each.keys].sort());
            if (own.length === 0) continue;
            const flight = flights.start(each.group, own, callOf('rows'), () => new Promise(() => undefined));
            begun.push({ forget: flight.forget, at: flight });
            if (model.size + own.length <= most) for (const key of own) model.set(`${each.group} ${key}`, flight);
          }
          expect(model.size).toBeLessThanOrEqual(most);
        }
      },
    ),
    { numRuns: 50, seed: 5 },
  );
});
