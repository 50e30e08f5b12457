/** Rules around the opening of streams. */
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBreakers } from '../../../../gateway/connect/chain/breakers.ts';
import type { Call, Connector } from '../../../../gateway/connect/connector.ts';
import { surround } from '../../../../gateway/connect/open.ts';
import type { CallNotes } from '../../../../gateway/context.ts';
import { GatewayError } from '../../../../gateway/errors.ts';
import { callOf, failureOf, optionsOf } from '../kit.ts';
import { faultOf } from './kit.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What one attempt to open does after so long: it fails, says that it is open, or sends a message; without any of them it is silent. */
type Attempt = { afterMs: number; does: 'fail' | 'reject' | 'accept' | 'send' | 'end' | 'nothing' };

const SDL =
  'type Query { list: [JSON] @grpcMethod(subgraph: "shop", rootJsonName: "r", objPath: "o", methodName: "m", requestType: "A", responseType: "B", responseStream: true) }';
const CODES = { fail: 'UPSTREAM_UNREACHABLE', reject: 'UPSTREAM_REJECTED' } as const;

/** A transport whose attempts follow a script, and stop when their signal says so; the last line holds for all that follow. */
function world(policy: unknown, script: readonly Attempt[], kind: Connector['kind'] = 'graphql') {
  const opened: { call: Call; at: number; ended: boolean }[] = [];
  const transport: Connector = {
    source: 'shop',
    kind,
    call: async () => ({ data: null, status: 0, bytes: 0 }),
    stream: async function* (call) {
      const one = { call, at: Date.now() - 1_000_000, ended: false };
      opened.push(one);
      const { afterMs, does } = script[Math.min(opened.length, script.length) - 1] ?? { afterMs: 0, does: 'end' };
      try {
        await pause(call, afterMs);
        if (call.signal.aborted) return;
        if (does === 'fail' || does === 'reject') throw faultOf(CODES[does]);
        if (does === 'accept') call.opened?.();
        if (does === 'accept' || does === 'nothing') await pause(call, 1e9);
        if (does === 'send') yield opened.length;
        if (does === 'send') await pause(call, 1e9);
      } finally {
        one.ended = true;
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const base = optionsOf({ sdl: SDL, policy });
  const watched = base.operations.map((each) => ({ ...each, name: 'watch', kind: 'subscription' as const }));
  const breakers = createBreakers();
  const options = { ...base, operations: [...base.operations, ...watched] };
  const connector = surround(transport, options, [], { breakers, random: () => 0 });
  const open = (rest: Parameters<typeof callOf>[2] = {}, operation = 'watch') => {
    const deadline = operation === 'watch' ? Number.POSITIVE_INFINITY : Date.now() + 400;
    const stream = connector.stream?.(callOf(operation, {}, { deadline, ...rest }))[Symbol.asyncIterator]();
    if (!stream) throw new Error('no stream');
    return stream;
  };
  return { open, opened, breakers };
}

function pause({ signal }: Call, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

const now = (does: Attempt['does'], afterMs = 0): Attempt => ({ afterMs, does });
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a stream that fails before anything came', () => {
  it('is opened again within what retries may, and says so in its record', async () => {
    const { open, opened } = world({ retry: { attempts: 3 } }, [now('fail'), now('fail'), now('send')]);
    const notes: CallNotes = {};
    const first = open({ notes }).next();
    await pass(5);
    expect(await first).toEqual({ done: false, value: 3 });
    expect(notes).toEqual({ attempts: 3 });
    // Its own time is that of the stream: it has no end.
    expect(opened.map(({ call }) => call.deadline)).toEqual([1, 1, 1].map(() => Number.POSITIVE_INFINITY));
    expect(opened[0]?.call.tried).toBe(opened[2]?.call.tried);
  });

  it.each([
    ['of a gRPC source, which may do anything', 'grpc', {}, 'watch', 1],
    [
      'of a gRPC source whose policy says that it may',
      'grpc',
      { operations: { watch: { idempotent: true } } },
      'watch',
      2,
    ],
    ['that becomes a list of a query', 'grpc', {}, 'list', 2],
    ['that must not be by its policy', 'graphql', { operations: { watch: { idempotent: false } } }, 'watch', 1],
    ['of a GraphQL source', 'graphql', {}, 'watch', 2],
  ] as const)('%s, is opened so often', async (_what, kind, policy, operation, times) => {
    const { open, opened } = world({ retry: {}, ...policy }, [now('fail')], kind);
    const failure = failureOf(open({}, operation).next());
    await pass(5);
    expect((await failure).code).toBe('UPSTREAM_UNREACHABLE');
    expect(opened).toHaveLength(times);
  });

  it('draws on the budget of the calls', async () => {
    const { open, opened } = world({ retry: { attempts: 5, budgetBurst: 2, budgetPercent: 1 } }, [now('fail')]);
    for (let n = 0; n < 3; n += 1) {
      const failure = failureOf(open().next());
      await pass(5);
      await failure;
    }
    expect(opened).toHaveLength(5);
  });

  it('opens the breaker of its operation, which refuses at once, and one that is silent closes it again', async () => {
    const breaker = { minimumCalls: 2, openMs: 1000, probes: 1, slowMs: 10 };
    const { open, opened, breakers } = world(
      { deadlineMs: 200, breaker },
      [now('fail'), now('fail'), now('nothing')],
      'grpc',
    );
    for (let n = 0; n < 2; n += 1) {
      const failure = failureOf(open().next());
      await pass(5);
      await failure;
    }
    expect(breakers.get('shop', 'watch')).toMatchObject({ automatic: true, state: 'open' });
    expect((await failureOf(open().next())).headers).toEqual({ 'Retry-After': '1' });
    expect(opened).toHaveLength(2);
    await pass(1000);
    const silent = open();
    const waiting = silent.next();
    expect((await failureOf(open().next())).code).toBe('CIRCUIT_OPEN');
    await pass(200);
    expect(breakers.get('shop', 'watch')).toMatchObject({ state: 'closed' });
    expect(opened[2]?.ended).toBe(false);
    await silent.return?.();
    await pass(0);
    expect([(await waiting).done, opened[2]?.ended, vi.getTimerCount()]).toEqual([true, true, 0]);
  });

  it('counts for nothing where its client left, or the source said no', async () => {
    const { open, breakers } = world({ breaker: {} }, [now('nothing'), now('reject')]);
    const stream = open();
    const left = stream.next();
    await stream.return?.();
    expect((await left).done).toBe(true);
    const refused = failureOf(open().next());
    await pass(5);
    expect((await refused).code).toBe('UPSTREAM_REJECTED');
    expect(breakers.get('shop', 'watch')).toMatchObject({ calls: 1, failures: 0 });
  });
});

it('a stream that is not opened in time is UPSTREAM_TIMEOUT, and its attempts share the time', async () => {
  const { open, opened } = world({ deadlineMs: 300, retry: { attempts: 3 } }, [now('nothing')]);
  const failure = failureOf(open().next());
  await pass(300);
  expect((await failure).code).toBe('UPSTREAM_TIMEOUT');
  expect(opened.map(({ at, ended }) => [at, ended])).toEqual([
    [0, true],
    [100, true],
    [200, true],
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

it('whatever attempts do: none follows one that was open, each is over but the one that is read, and nothing is left', async () => {
  const attempt = fc.record({
    afterMs: fc.nat(120),
    does: fc.constantFrom<Attempt['does']>('fail', 'reject', 'accept', 'send', 'end', 'nothing'),
  });
  const inputs = fc.record({
    script: fc.array(attempt, { minLength: 1, maxLength: 4 }),
    attempts: fc.integer({ min: 1, max: 4 }),
    attemptMs: fc.option(fc.integer({ min: 20, max: 100 }), { nil: undefined }),
    leaveMs: fc.option(fc.nat(300), { nil: undefined }),
    byReturn: fc.boolean(),
    kind: fc.constantFrom('graphql' as const, 'grpc' as const),
    operation: fc.constantFrom('watch', 'list'),
  });
  await fc.assert(
    fc.asyncProperty(inputs, async ({ script, attempts, attemptMs, leaveMs, byReturn, kind, operation }) => {
      const policy = {
        deadlineMs: 400,
        retry: { attempts, budgetBurst: 100, ...(attemptMs && { attemptMs }) },
        operations: { watch: { idempotent: true } },
      };
      const { open, opened, breakers } = world({ ...policy, breaker: { minimumCalls: 1000 } }, script, kind);
      const client = new AbortController();
      const stream = open({ signal: client.signal }, operation);
      const leave = (): void => (byReturn ? void stream.return?.() : client.abort());
      if (leaveMs !== undefined) setTimeout(leave, leaveMs);
      const start = Date.now();
      let outcome: unknown;
      let endedAt: number | undefined;
      stream
        .next()
        .then(
          ({ done, value }) => (done ? 'end' : value),
          (error: unknown) => (error instanceof GatewayError ? error.code : error),
        )
        .then((said) => {
          outcome = said;
          endedAt = Date.now() - start;
        });
      await pass(401);
      expect(opened.length).toBeLessThanOrEqual(attempts);
      // The first that was open, or whose failure is no reason to try again, is the last.
      const last = opened.findIndex(({ at }, index) => {
        const line = script[Math.min(index, script.length - 1)];
        const next = opened[index + 1]?.at ?? Number.POSITIVE_INFINITY;
        return line !== undefined && line.does !== 'nothing' && line.does !== 'fail' && at + line.afterMs < next;
      });
      if (last !== -1) expect(opened).toHaveLength(last + 1);
      expect(opened.slice(0, -1).every(({ ended }) => ended)).toBe(true);
      if (typeof outcome === 'number') expect(outcome).toBe(opened.length);
      else if (outcome !== undefined) {
        expect(['end', 'UPSTREAM_UNREACHABLE', 'UPSTREAM_REJECTED', 'UPSTREAM_TIMEOUT', 'DEADLINE_EXCEEDED']).toContain(
          outcome,
        );
      }
      if (leaveMs !== undefined) expect(endedAt ?? 0).toBeLessThanOrEqual(401);
      // Of each opening the breaker has heard once, or nothing where it was left.
      const { calls = 0, failures = 0 } = breakers.get('shop', operation) ?? {};
      expect(calls).toBeLessThanOrEqual(1);
      if (failures === 1) expect(outcome).toMatch(/^UPSTREAM_(UNREACHABLE|TIMEOUT)$/);
      await stream.return?.();
      await pass(5);
      expect(opened.every(({ ended }) => ended)).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
      expect(getEventListeners(client.signal, 'abort')).toHaveLength(0);
    }),
    { numRuns: 60 },
  );
});
