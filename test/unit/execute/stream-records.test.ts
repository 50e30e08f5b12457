/** What the record of a stream holds, and what the log is told beside it. */
import { expect, it } from 'vitest';
import type { Call, Connector } from '../../../gateway/connect/connector.ts';
import type { CallRecord, RequestContext } from '../../../gateway/context.ts';
import { createOpenUpstream } from '../../../gateway/execute/stream.ts';

const WARNING = new Error('an error without a place');

it.each([
  ['events', undefined, Number.POSITIVE_INFINITY, false],
  ['list', 50, 50, true],
  ['list', 5000, 1000, false],
] as const)(
  'of %s with %s ms of its own it is what was noted on its call',
  async (kind, deadlineMs, deadline, isSourceTime) => {
    const told: [CallRecord, Call][] = [];
    const connector = {
      source: 's',
      kind: 'graphql',
      async *stream({ notes }: Call) {
        if (notes) Object.assign(notes, { attempts: 2, unplacedErrors: 3, warning: WARNING });
        yield 1;
      },
    } as unknown as Connector;
    const open = createOpenUpstream({
      connectors: new Map([['s', connector]]),
      ask: () => undefined,
      ruleOf: () => ({ maxItems: 10, deadlineMs }),
      onCall: (record, call) => told.push([record, call]),
      now: () => 0,
    });
    const calls: CallRecord[] = [];
    const { signal } = new AbortController();
    const context = { calls, deadline: 1000, signal, headers: new Map(), requestId: 'r' } as unknown as RequestContext;
    const wanted = {
      source: 's',
      operation: 'o',
      coordinate: 'Query.o',
      group: 4,
      args: {},
      idempotent: true,
      keys: 0,
    };
    for await (const message of open(context, wanted, kind)) expect(message).toBe(1);
    const record = { source: 's', operation: 'o', keys: 0, ms: 0, bytes: 0, outcome: 'ok', group: 4 };
    expect(calls).toEqual([{ ...record, attempts: 2, unplacedErrors: 3 }]);
    expect(told).toMatchObject([[calls[0], { deadline, isSourceTime, notes: { warning: WARNING } }]]);
  },
);
