/** Laws of bulk calls, through the executor and the rules about calls. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Asking,
  answerTo,
  chunks,
  flatOf,
  keyList,
  principal,
  type Sent,
  SIZE,
  serve,
  settle,
} from './bulk-kit.ts';

it('no call carries keys of two principals, each row finds the parent with its key, and calls are as few as can be', async () => {
  const askings = fc.uniqueArray(fc.record({ who: principal, keys: keyList }), {
    selector: ({ who }) => who,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(
      askings,
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      async (requests, isForwarded, isKept, isShared) => {
        const { ask, sent, calls } = serve({ isForwarded, isKept, isShared });
        const answers = requests.map(ask);
        await settle();
        for (const { answer } of sent) answer();
        expect(await Promise.all(answers)).toEqual(requests.map(answerTo));
        for (const { who, keys } of requests) {
          expect(flatOf(sent, who).sort()).toEqual([...new Set(keys)].sort());
          expect(sent.filter((call) => call.who === who)).toHaveLength(chunks(keys));
        }
        expect(sent.every(({ keys }) => keys.length <= SIZE)).toBe(true);
        // The stranger of each call.
        expect(calls.reduce((sum, { unrequested = 0 }) => sum + unrequested, 0)).toBe(sent.length);
      },
    ),
    { numRuns: 100 },
  );
});

it('holds for many requests of each principal, whenever they come and answers do: a key under way or kept is not asked for again', async () => {
  const event = fc.oneof(
    { weight: 3, arbitrary: fc.record({ who: principal, keys: keyList }) },
    { weight: 2, arbitrary: fc.record({ answer: fc.nat(40) }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 16 }),
      fc.boolean(),
      fc.boolean(),
      async (events, isForwarded, isKept) => {
        const { ask, sent } = serve({ isForwarded, isKept });
        const requests: Asking[] = [];
        const answers: ReturnType<typeof ask>[] = [];
        const done = new Set<Sent>();
        for (const each of events) {
          if ('answer' in each) {
            const call = sent[each.answer];
            if (call) done.add(call);
            call?.answer();
          } else {
            requests.push(each);
            answers.push(ask(each));
          }
          await settle();
          for (const { who } of requests) {
            const open = flatOf(isKept ? sent : sent.filter((call) => !done.has(call)), who);
            expect(new Set(open).size).toBe(open.length);
          }
        }
        for (const { answer } of sent) answer();
        expect(await Promise.all(answers)).toEqual(requests.map(answerTo));
        for (const who of new Set(sent.map((call) => call.who))) {
          const own = requests.filter((request) => request.who === who);
          expect(own.flatMap(({ keys }) => keys)).toEqual(expect.arrayContaining(flatOf(sent, who)));
          const most = own.reduce((sum, { keys }) => sum + chunks(keys), 0);
          expect(sent.filter((call) => call.who === who).length).toBeLessThanOrEqual(most);
        }
      },
    ),
    { numRuns: 100 },
  );
});
