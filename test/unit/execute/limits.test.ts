/** How many calls one operation may ask for, and what becomes of those beyond. */
import { buildSchema, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import type { CallRecord, RequestContext } from '../../../gateway/context.ts';
import { GatewayError, rootError } from '../../../gateway/errors.ts';
import { createAsk } from '../../../gateway/execute/ask.ts';
import { attachResolvers } from '../../../gateway/execute/attach.ts';
import { countCall } from '../../../gateway/execute/limits.ts';
import { readModel } from '../../../gateway/execute/model.ts';
import { createPerform } from '../../../gateway/execute/perform.ts';
import { createOpenUpstream } from '../../../gateway/execute/stream.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

const call = (source: string) => `@httpOperation(subgraph: "${source}", path: "/", httpMethod: "GET")`;
const SDL = `${WIRE_DIRECTIVES}
  extend schema @transport(subgraph: "orders", kind: "rest") @transport(subgraph: "people", kind: "rest")
  type Query { orders: [Order!] ${call('orders')} people(ids: [ID!]): [Person!] ${call('people')} }
  type Order @source(subgraph: "orders") { id: ID! customer: Person
    @resolveTo(sourceName: "people", sourceFieldName: "people", keyField: "id", keysArg: "ids", valueKeyField: "id", batchSize: 1) }
  type Person @source(subgraph: "people") { id: ID! }`;

/** Asks over sources of so many orders, each with a customer of its own, asked for one by one. */
async function ask(query: string, orders: number, maxCallsPerOperation: number, maxCallsPerSource: number) {
  const asked: string[] = [];
  const connectorOf = (source: string): Connector => ({
    source,
    kind: 'rest',
    call: async ({ args }) => {
      asked.push(source);
      const ids = (args['ids'] as string[] | undefined) ?? Array.from({ length: orders }, (_each, id) => String(id));
      return { data: ids.map((id) => ({ id })), status: 200, bytes: 0 };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  const connectors = new Map(['orders', 'people'].map((source) => [source, connectorOf(source)]));
  const limits = { maxCallsPerOperation, maxCallsPerSource };
  const schema = buildSchema(SDL, { assumeValidSDL: true });
  attachResolvers(schema, readModel(schema), {
    perform: createPerform(connectors, createAsk({ limits, passingOf: undefined })),
  });
  const contextValue = {
    calls: [] as CallRecord[],
    execution: undefined,
    asked: undefined,
  } as unknown as RequestContext;
  const { data, errors = [] } = await execute({ schema, document: parse(query), contextValue });
  const customers = (data?.['orders'] as { customer: unknown }[] | undefined)?.filter(
    ({ customer }) => customer !== null,
  );
  const faults = errors.map((error) => rootError(error) as GatewayError);
  return {
    data,
    errors,
    asked,
    customers: customers?.length,
    messages: [...new Set(faults.map((each) => `${each.code} ${each.source}: ${each.message}`))],
  };
}

describe('an operation that asks for too many calls', () => {
  it('of one source gets what fits, and each field beyond fails by its name', async () => {
    const { errors, asked, customers, messages } = await ask('{ orders { id customer { id } } }', 10_000, 1000, 500);
    expect(asked.filter((source) => source === 'people').length).toBe(500);
    expect([customers, errors.length]).toEqual([500, 9500]);
    expect(errors[0]?.path).toEqual(['orders', 500, 'customer']);
    expect(messages).toEqual([
      'LIMIT_CALLS people: Order.customer asks for too many calls: one operation may make 500 to people. Select fewer fields or shorter lists.',
    ]);
  });

  it('in all gets what fits, too', async () => {
    const { asked, customers, messages } = await ask('{ orders { id customer { id } } }', 10, 4, 500);
    expect([asked.length, customers]).toEqual([4, 3]);
    expect(messages).toEqual([
      'LIMIT_CALLS people: Order.customer asks for too many calls: one operation may make 4. Select fewer fields or shorter lists.',
    ]);
  });

  it('at the root fails at the fields beyond', async () => {
    const { data, messages } = await ask('{ a: orders { id } b: orders { id } c: orders { id } }', 1, 2, 500);
    expect(data).toEqual({ a: [{ id: '0' }], b: [{ id: '0' }], c: null });
    expect(messages[0]).toMatch(
      /^LIMIT_CALLS orders: Query\.orders asks for too many calls: one operation may make 2\./,
    );
  });
});

describe('counting', () => {
  it('is exact at both limits, and one source does not use up what is another’s', () => {
    const context = { asked: undefined };
    const limits = { maxCallsPerOperation: 5, maxCallsPerSource: 3 };
    const count = (source: string): boolean => {
      try {
        countCall(context, { source, coordinate: 'Query.a' }, limits);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
        return false;
      }
    };
    expect(['a', 'a', 'a', 'a', 'b', 'b', 'b', 'c'].map(count)).toEqual([
      true,
      true,
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(context.asked).toEqual({
      total: 5,
      bySource: new Map([
        ['a', 3],
        ['b', 2],
      ]),
    });
  });

  it('holds for streams, which are not opened beyond the limit', () => {
    let opened = 0;
    const stream = () => {
      opened += 1;
      return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    };
    const connector = { source: 's', kind: 'grpc', stream } as unknown as Connector;
    const open = createOpenUpstream({
      connectors: new Map([['s', connector]]),
      ask: createAsk({ limits: { maxCallsPerOperation: 1, maxCallsPerSource: 1 }, passingOf: undefined }),
      ruleOf: () => ({ maxItems: 1, deadlineMs: undefined }),
      onCall: () => undefined,
      now: () => 0,
    });
    const context = {
      calls: [],
      deadline: Number.POSITIVE_INFINITY,
      signal: new AbortController().signal,
      headers: new Map(),
      requestId: 'r',
    } as unknown as RequestContext;
    const wanted = {
      source: 's',
      operation: 'o',
      coordinate: 'Subscription.o',
      group: undefined,
      args: {},
      idempotent: true,
      keys: 0,
    };
    open(context, wanted, 'events');
    expect(() => open(context, wanted, 'events')).toThrow(/^Subscription\.o asks for too many calls/);
    expect(opened).toBe(1);
  });
});

describe('headers of answers', () => {
  it('are kept in the order in which the calls were asked for, whichever is answered first', async () => {
    const answers = new Map<string, (passed: [string, string][]) => void>();
    const connector = {
      source: 's',
      kind: 'rest',
      call: ({ operation }: { operation: string }) =>
        new Promise((resolve, reject) => {
          answers.set(operation, (passed) =>
            passed.length === 0 ? reject(new GatewayError('UPSTREAM_FAILED')) : resolve({ data: 1, passed }),
          );
        }),
    } as unknown as Connector;
    const passing = { names: new Map([['x-a', 'append']] as const), minMaxAge: false };
    const limits = { maxCallsPerOperation: 9, maxCallsPerSource: 9 };
    const passingOf = (_source: string, operation: string) => (operation === 'c' ? undefined : passing);
    const perform = createPerform(new Map([['s', connector]]), createAsk({ limits, passingOf }));
    const context = { calls: [] as CallRecord[] } as unknown as RequestContext;
    const wanted = { source: 's', coordinate: 'Query.a', group: undefined, args: {}, idempotent: true, keys: 0 };
    const made = ['a', 'b', 'c', 'd'].map((operation) => perform(context, { ...wanted, operation }));
    answers.get('d')?.([['x-a', 'd']]);
    answers.get('c')?.([['x-a', 'c']]);
    answers.get('b')?.([]);
    answers.get('a')?.([['x-a', 'a']]);
    await Promise.allSettled(made);
    expect(context.passedHeads).toEqual([
      { passing, fields: [['x-a', 'a']] },
      { passing },
      { passing: undefined, fields: [['x-a', 'c']] },
      { passing, fields: [['x-a', 'd']] },
    ]);
  });
});
