/** Stages that tell when each of their hooks runs, and what of the context is written by then. */

import { createResponseCache } from '../../gateway/cache/resources.ts';
import type { AnswerStore } from '../../gateway/cache/store.ts';
import { gatewaySchema } from '../../gateway/config/schema.ts';
import type { RequestContext } from '../../gateway/context.ts';
import { anonymous } from '../../gateway/identify/principal.ts';
import { memoryLimits } from '../../gateway/limit/open.ts';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import type { PipelineOptions } from '../../gateway/pipeline.ts';
import { createInstance, createOperate, createPipeline } from '../../gateway/pipeline.ts';
import { createMemoryRecords } from '../../gateway/record/memory-store.ts';
import { memoryPersisted } from '../kit/app.ts';
import { makeGeneration, makeSchema } from '../kit/fixed-supply.ts';

type Observed = { current: Slots | undefined };
type Slots = Partial<Record<keyof RequestContext, unknown>>;

/** @param age of the field `a`, where its answers are kept */

export function setUp(age = '') {
  const seen: string[] = [];
  const slots: Record<string, readonly string[]> = {};
  const context: Observed = { current: undefined };
  const note = (step: string): void => {
    seen.push(step);
    const written = Object.entries(context.current ?? {}).filter(([, value]) => value !== undefined);
    slots[step] ??= written.map(([name]) => name);
  };
  const schema = makeSchema(`${CONTROL} type Query { a: String ${age} } type Subscription { b: Int }`, {
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
  const config = gatewaySchema.parse({});
  const cache = createResponseCache({
    config: config.responseCache,
    events: createEvents({ log, metrics }),
    now: Date.now,
  });
  const options: PipelineOptions = {
    cache: { ...cache, store: noting(cache.store, note) },
    generation: makeGeneration('g1', schema),
    config,
    isFirst: true,
    events: createEvents({ log, metrics }),
    limits: memoryLimits({ config, now: Date.now }),
    identify: () => anonymous,
    persisted: memoryPersisted({ config, now: Date.now }),
    openStream: () => () => undefined,
    operations: createMemoryRecords({ max: 10, keepMs: 1000, now: Date.now }),
    now: Date.now,
    randomId: () => 'id',
  };
  const stages = createPipeline(options);
  const observed = stages.map(({ name, plugin }) => ({ name, plugin: observe(name, plugin, note, context) }));
  const instance = createInstance(schema, observed, config);
  const operate = createOperate(instance, options);
  return { seen, slots, names: stages.map(({ name }) => name), instance, operate };
}

const CONTROL = 'directive @cacheControl(maxAge: Int) on FIELD_DEFINITION';

/** The store with every question and every answer that it keeps told. */
function noting(store: AnswerStore, note: (step: string) => void): AnswerStore {
  return {
    ...store,
    get: (key) => {
      note('looks up');
      return store.get(key);
    },
    set: (...given) => {
      note('keeps');
      return store.set(...given);
    },
  };
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
