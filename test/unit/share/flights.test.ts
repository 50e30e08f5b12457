/** What is shared by operations that join one run, and what stays each one's own. */
import type { ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../gateway/context.ts';
import { GatewayError, toGraphQLError } from '../../../gateway/errors.ts';
import { createFlights, type Run } from '../../../gateway/share/flights.ts';

function prepare(max = 10) {
  const joined: string[] = [];
  const runs: { own: RequestContext; end(result: ExecutionResult): void; fail(error: Error): void }[] = [];
  const run: Run = (own) =>
    new Promise((resolve, reject) => {
      runs.push({ own, end: resolve, fail: reject });
    });
  return { flights: createFlights({ max, onJoined: () => joined.push('joined') }), joined, runs, run };
}

function contextOf(deadline = 1000) {
  const gone = new AbortController();
  const context = { signal: gone.signal, over: gone.signal, deadline, calls: [] } as object as RequestContext;
  return { context, gone };
}

const late = toGraphQLError(new GatewayError('DEADLINE_EXCEEDED'), 'r1');

describe('operations that are under way', () => {
  it('run once for an equal key: all get the answer, the first one its calls', async () => {
    const { flights, joined, runs, run } = prepare();
    const [one, two, three] = [contextOf(), contextOf(5000), contextOf()];
    const answers = [
      flights.share('a', one.context, run),
      flights.share('a', two.context, run),
      flights.share('b', three.context, run),
    ];
    expect(runs.length).toBe(2);
    expect(joined.length).toBe(1);
    // It has the time of whoever has most.
    expect(runs[0]?.own.deadline).toBe(5000);
    runs[0]?.own.calls.push({ source: 's' } as never);
    Object.assign(runs[0]?.own ?? {}, { execution: { plan: 1 }, asked: { total: 1 } });
    runs[0]?.end({ data: { n: 1 } });
    runs[1]?.end({ data: { n: 2 } });
    const [first, second, third] = await Promise.all(answers);
    expect([first, second, third]).toEqual([{ data: { n: 1 } }, { data: { n: 1 } }, { data: { n: 2 } }]);
    expect(second).not.toBe(first);
    expect([one, two].map(({ context }) => context.calls.length)).toEqual([1, 0]);
    expect(two.context.execution).toBe(one.context.execution);
  });

  it('are run anew once they have ended, failed ones too', async () => {
    const { flights, runs, run } = prepare();
    const [one, two, three] = [contextOf(), contextOf(), contextOf()];
    const answers = [flights.share('a', one.context, run), flights.share('a', two.context, run)];
    runs[0]?.fail(new Error('broken'));
    expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = flights.share('a', three.context, run);
    runs[1]?.end({ data: null });
    expect(await again).toEqual({ data: null });
  });

  it('end when the last one who waits has gone, and not before', async () => {
    const { flights, runs, run } = prepare();
    const [one, two] = [contextOf(), contextOf()];
    const answers = [flights.share('a', one.context, run), flights.share('a', two.context, run)];
    one.gone.abort();
    expect(runs[0]?.own.signal.aborted).toBe(false);
    two.gone.abort(new Error('both'));
    expect(runs[0]?.own.signal.reason).toEqual(new Error('both'));
    runs[0]?.end({ data: null });
    await Promise.all(answers);
  });

  it('give nobody a time-out who has more time than the run was begun with', async () => {
    const { flights, runs, run } = prepare();
    const [short, long, equal] = [contextOf(1000), contextOf(9000), contextOf(1000)];
    const answers = [short, long, equal].map(({ context }) => flights.share('a', context, run));
    runs[0]?.end({ data: null, errors: [late] });
    const first = await answers[0];
    expect(first?.errors).toEqual([late]);
    expect((await answers[2])?.errors).toEqual([late]);
    expect(runs.length).toBe(2);
    runs[1]?.end({ data: { ok: true } });
    expect(await answers[1]).toEqual({ data: { ok: true } });
  });

  it('are joined by nobody any more after they parted, and beyond the bound', async () => {
    const { flights, joined, runs, run } = prepare(1);
    const answers = ['a', 'b'].map((key) => flights.share(key, contextOf().context, run));
    answers.push(flights.share('b', contextOf().context, run));
    expect([runs.length, joined.length]).toEqual([3, 0]);
    flights.part();
    answers.push(flights.share('a', contextOf().context, run));
    expect([runs.length, joined.length]).toEqual([4, 0]);
    for (const { end } of runs) end({ data: null });
    await Promise.all(answers);
  });
});
