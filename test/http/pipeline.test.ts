/** The order of the stages as it is observed on a request, whatever the list says. */
import { expect, it } from 'vitest';
import { gatewaySchema } from '../../gateway/config/schema.ts';
import type { Principal, RequestContext } from '../../gateway/context.ts';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import type { PipelineOptions } from '../../gateway/pipeline.ts';
import { createInstance, createOperate, createPipeline } from '../../gateway/pipeline.ts';
import { makeGeneration, makeSchema } from '../kit/fixed-supply.ts';

type Observed = { current: Slots | undefined };
type Slots = Partial<Record<keyof RequestContext, unknown>>;

function setUp() {
  const seen: string[] = [];
  const slots: Record<string, readonly string[]> = {};
  const context: Observed = { current: undefined };
  const note = (step: string): void => {
    seen.push(step);
    const written = Object.entries(context.current ?? {}).filter(([, value]) => value !== undefined);
    slots[step] ??= written.map(([name]) => name);
  };
  const schema = makeSchema('type Query { a: String } type Subscription { b: Int }', {
    Subscription: {
      b: (count, _args, slotsOfRequest) => {
        note(`event ${count} ${slotsOfRequest.execution}`);
        slotsOfRequest.execution = {};
        return count;
      },
    },
    Query: {
      a: (_source, _args, slotsOfRequest) => {
        note('execute');
        return slotsOfRequest.principal.kind;
      },
    },
  });
  const events = schema.getSubscriptionType()?.getFields()['b'] ?? {};
  Object.assign(events, {
    subscribe: async function* count() {
      yield 1;
      yield 2;
    },
  });
  const log = createLog({ level: 'silent', pretty: 'off' });
  const metrics = createMetrics();
  const options: PipelineOptions = {
    generation: makeGeneration('g1', schema),
    config: gatewaySchema.parse({}),
    events: createEvents({ log, metrics }),
    openStream: () => () => undefined,
    now: Date.now,
    randomId: () => 'id',
  };
  const stages = createPipeline(options);
  const observed = stages.map(({ name, plugin }) => ({ name, plugin: observe(name, plugin, note, context) }));
  const instance = createInstance(schema, observed);
  const operate = createOperate(instance, options);
  return { seen, slots, names: stages.map(({ name }) => name), instance, operate };
}

/** The plugin with every hook telling that it ran. */
function observe<Plugin extends object>(
  name: string,
  plugin: Plugin,
  note: (step: string) => void,
  context: Observed,
): Plugin {
  const hooks = Object.entries(plugin).map(([hook, run]: [string, (payload: { serverContext?: Slots }) => unknown]) => [
    hook,
    (payload: { serverContext?: Slots }) => {
      context.current ??= payload.serverContext;
      note(`${name}.${hook}`);
      return run(payload);
    },
  ]);
  return Object.fromEntries(hooks) as Plugin;
}

const request = (query = 'query Q { a }') =>
  new Request('http://gateway.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });

it('passes the stages in the order of the list, each hook once', async () => {
  const { seen, instance } = setUp();
  const response = await instance.fetch(request());
  expect(await response.json()).toEqual({ data: { a: 'anonymous' } });
  expect(seen).toEqual([
    // When the instance is made.
    'incremental.onSchemaChange',
    'http.onRequest',
    'respond.onRequest',
    'http.onRequestParse',
    'identify.onRequestParse',
    'validate.onParse',
    'incremental.onValidate',
    'execute.onExecute',
    'explain.onExecute',
    'http.onExecute',
    'execute',
    'respond.onResultProcess',
    'http.onResponse',
    'respond.onResponse',
  ]);
});

it('passes the same stages with a subscription, whose events are executions of their own', async () => {
  const { seen, instance } = setUp();
  const response = await instance.fetch(request('subscription { b }'));
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect((await response.text()).match(/"b":\d/g)).toEqual(['"b":1', '"b":2']);
  expect(seen.slice(seen.indexOf('validate.onParse'))).toEqual([
    'validate.onParse',
    'incremental.onValidate',
    'execute.onSubscribe',
    'explain.onSubscribe',
    'http.onSubscribe',
    'respond.onResultProcess',
    'http.onResponse',
    'respond.onResponse',
    'event 1 undefined',
    'event 2 undefined',
  ]);
});

it('passes the stages of an operation in the same order over WebSocket', async () => {
  const { seen, operate } = setUp();
  const principal: Principal = { kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] };
  const connection = { id: 'c', headers: new Map(), peer: { address: '' }, principal, operations: 0 };
  for (const query of ['query Q { a }', 'subscription { b }']) {
    const operation = operate(connection, { query });
    if ('refused' in operation) throw new Error(JSON.stringify(operation.refused));
    const answers = [];
    for await (const answer of operation.answer) answers.push(answer);
    expect(answers).toEqual(
      query.startsWith('q') ? [{ data: { a: 'anonymous' } }] : [{ data: { b: 1 } }, { data: { b: 2 } }],
    );
  }
  expect(seen.slice(1)).toEqual([
    ...['validate.onParse', 'incremental.onValidate'],
    ...['execute.onExecute', 'explain.onExecute', 'http.onExecute', 'execute'],
    ...[
      'validate.onParse',
      'incremental.onValidate',
      'execute.onSubscribe',
      'explain.onSubscribe',
      'http.onSubscribe',
      'event 1 undefined',
      'event 2 undefined',
    ],
  ]);
});

it('has every slot written before the stage that reads it', async () => {
  const { slots, instance } = setUp();
  await instance.fetch(request());
  expect(slots['identify.onRequestParse']).toEqual(
    expect.arrayContaining(['requestId', 'deadline', 'signal', 'headers', 'startedAt', 'peer', 'calls']),
  );
  expect(slots['identify.onRequestParse']).not.toContain('principal');
  expect(slots['validate.onParse']).toContain('principal');
  expect(slots['validate.onParse']).not.toContain('operation');
  expect(slots['execute']).toContain('operation');
});

it('knows the name of every stage once', () => {
  const { names } = setUp();
  expect(names).toEqual(['execute', 'incremental', 'explain', 'http', 'identify', 'validate', 'respond']);
});
