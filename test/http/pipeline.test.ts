/** The order of the stages as it is observed on a request, whatever the list says. */
import { expect, it } from 'vitest';
import { gatewaySchema } from '../../gateway/config/schema.ts';
import type { RequestContext } from '../../gateway/context.ts';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { createInstance, createPipeline } from '../../gateway/pipeline.ts';
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
  const schema = makeSchema('type Query { a: String }', {
    Query: {
      a: (_source, _args, slotsOfRequest) => {
        note('execute');
        return slotsOfRequest.principal.kind;
      },
    },
  });
  const log = createLog({ level: 'silent', pretty: 'off' });
  const metrics = createMetrics();
  const stages = createPipeline({
    generation: makeGeneration('g1', schema),
    config: gatewaySchema.parse({}),
    events: createEvents({ log, metrics }),
    now: Date.now,
    randomId: () => 'id',
  });
  const observed = stages.map(({ name, plugin }) => ({ name, plugin: observe(name, plugin, note, context) }));
  return { seen, slots, names: stages.map(({ name }) => name), instance: createInstance(schema, observed) };
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

const request = () =>
  new Request('http://gateway.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"query Q { a }"}',
  });

it('passes the stages in the order of the list, each hook once', async () => {
  const { seen, instance } = setUp();
  const response = await instance.fetch(request());
  expect(await response.json()).toEqual({ data: { a: 'anonymous' } });
  expect(seen).toEqual([
    'http.onRequest',
    'respond.onRequest',
    'http.onRequestParse',
    'identify.onRequestParse',
    'validate.onParse',
    'http.onExecute',
    'execute',
    'respond.onResultProcess',
    'http.onResponse',
    'respond.onResponse',
  ]);
});

it('has every slot written before the stage that reads it', async () => {
  const { slots, instance } = setUp();
  await instance.fetch(request());
  expect(slots['identify.onRequestParse']).toEqual(
    expect.arrayContaining(['requestId', 'deadline', 'signal', 'headers', 'startedAt', 'peer', 'calls', 'loaders']),
  );
  expect(slots['identify.onRequestParse']).not.toContain('principal');
  expect(slots['validate.onParse']).toContain('principal');
  expect(slots['validate.onParse']).not.toContain('operation');
  expect(slots['execute']).toContain('operation');
});

it('knows the name of every stage once', () => {
  const { names } = setUp();
  expect(names).toEqual(['http', 'identify', 'validate', 'respond']);
});
