/** The composition root: configuration and resources in, a gateway out. Tests enter here, by `fetch`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AdminBreakers, createAdmin } from './admin/app.ts';
import { type Listener as AdminListener, listenAdmin } from './admin/listen.ts';
import type { Readiness } from './admin/readiness.ts';
import { readinessOf } from './admin/readiness.ts';
import { createResponseCache, type ResponseCache } from './cache/resources.ts';
import type { GatewayConfig } from './config/schema.ts';
import { GatewayError } from './errors.ts';
import type { Listener } from './http/listener.ts';
import { openListener } from './http/listener.ts';
import { createShortEntry } from './http/short/entry.ts';
import type { ProtocolOptions, SocketOperation } from './http/socket-protocol.ts';
import type { Sockets } from './http/sockets.ts';
import { createSockets } from './http/sockets.ts';
import { createIdentity } from './identify/identity.ts';
import { createLanes } from './lanes.ts';
import { withEnd } from './lib/iterables.ts';
import { createHoldAddress } from './limit/hold-address.ts';
import { memoryLimits } from './limit/open.ts';
import { createCountRefused } from './limit/refused-requests.ts';
import type { LimitStores } from './limit/taking.ts';
import type { Events } from './observe/events.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import { createInstance, createOperate, createPipeline } from './pipeline.ts';
import type { RecordStore } from './record/store.ts';
import type { Registrar } from './registry/registrar/registrar.ts';
import type { Supply } from './registry/supply.ts';
import { refusalOf, refuse } from './respond/refusal.ts';
import { createMemoryOperationStore } from './validate/memory-operation-store.ts';
import type { OperationStore } from './validate/operation-store.ts';
import { createPersisted } from './validate/persisted.ts';

export type AppOptions = {
  readonly config: GatewayConfig;
  /** Where generations come from; it stays the caller's to dispose. */
  readonly supply: Pick<Supply, 'current' | 'onSwap'> & Partial<Pick<Supply, 'revision' | 'faults'>>;
  readonly log: Pick<Log, 'warn'>;
  readonly events: Events;
  readonly metrics: Metrics;
  /** For the admin port. */
  readonly breakers?: AdminBreakers | undefined;
  /** For the admin port, where several processes serve side by side: what they say together. */
  readonly together?: Together | undefined;
  /** For the admin port: what changes sources; absent where nothing can be registered. */
  readonly registrar?: Registrar | undefined;
  /** Where operations are recorded; they are not without it. It stays the caller's to dispose. */
  readonly operations?: RecordStore | undefined;
  /** Where whole answers are kept; it stays the caller's to dispose. Without it the app has one of its own, in memory. */
  readonly responseCache?: ResponseCache | undefined;
  /** Where budgets are kept; without it in this app's memory. */
  readonly limits?: LimitStores | undefined;
  /** Where operations that clients registered by hash are kept; the same. */
  readonly persisted?: OperationStore | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomId: () => string;
};

export type Together = {
  readiness(own: () => Readiness): Promise<Readiness>;
  /** Metrics in the text format. */
  expose(): Promise<string>;
};

export type App = {
  /** Answers one request in process, as the port would. */
  fetch(request: Request): Promise<Response>;
  /** The same for who operates the gateway: operations are explained when asked. */
  explain(request: Request): Promise<Response>;
  /** Opens both ports. @throws what the system says when an address cannot be used */
  listen(): Promise<{ readonly url: string; readonly admin: string }>;
  /** What `/health/ready` says. */
  readiness(): Readiness;
  /**
   * Leaves the ports to another process that listens on them already: what is in flight is finished within `drainMs`, and so are connections
   * that clients keep open, each with an answer, one after another.
   */
  leave(): Promise<void>;
  /** Takes no new connections, finishes what is in flight within `drainMs`, closes the ports. Calling it again waits for the same end. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Puts the gateway together; nothing listens before `listen`. */
export function createApp(options: AppOptions): App {
  const { config, supply, log, events, metrics, now, randomId, breakers, registrar, operations, together } = options;
  const limits = options.limits ?? memoryLimits({ config, now });
  const store = options.persisted ?? createMemoryOperationStore({ ...config.persistedOperations, now });
  const persisted = createPersisted({ config, store, onFault: (error) => events.persistedStoreFailed({ error }) });
  const cache = options.responseCache ?? createResponseCache({ config: config.responseCache, events, now });
  const taking = {
    stores: limits,
    localSharePercent: config.limitStore.localSharePercent,
    onRefusal: events.limitReached,
  };
  const { identify, close: closeIdentity } = createIdentity({
    ...{ config: config.identity, events, now },
    holdAddress: createHoldAddress(config, taking),
  });
  let isFirst = true;
  const lanes = createLanes({
    drainMs: config.drainMs,
    maxStreams: config.subscriptions.max,
    open(generation, openStream) {
      const shared = { config, events, identify, cache, limits, persisted, operations, now, randomId };
      const pipeline = { ...shared, generation, openStream, isFirst };
      const stages = createPipeline(pipeline);
      const instance = createInstance(generation.schema, stages, config);
      isFirst = false;
      const plugins = stages.map(({ plugin }) => plugin);
      const onEntry = (): void => events.requestEntered({ entry: 'short' });
      const onFault = (error: unknown): void => log.warn({ err: error }, 'an answer could not be written');
      const { bodyBytes } = config.limits;
      const entry = { instance, plugins, bodyBytes, isKnownPlain: persisted.isKnownPlain, onEntry, onFault };
      const short = config.execution.shortEntry ? createShortEntry(entry) : undefined;
      return { instance, short, operate: createOperate(instance, pipeline) };
    },
    onFault: (error) => log.warn({ err: error }, 'a replaced generation could not be closed'),
  });
  lanes.swap(supply.current());
  let draining = false;
  let stopped: Promise<void> | undefined;
  let parting = false;
  let listener: Listener | undefined;
  let sockets: Sockets | undefined;
  let adminListener: AdminListener | undefined;

  const unsubscribe = supply.onSwap(lanes.swap);

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const entered = lanes.enter();
    if (entered === undefined) {
      const { status, headers, body } = refuse(lanes.isClosed() ? 'DRAINING' : 'SOURCE_UNAVAILABLE', randomId());
      response.writeHead(status, headers).end(body);
      return;
    }
    response.on('close', () => lanes.leave(entered));
    const longWay = (): void => {
      events.requestEntered({ entry: 'long' });
      void entered.instance(request, response);
    };
    if (entered.short) entered.short(request, response, longWay);
    else longWay();
  }

  async function answer(request: Request, slots: { readonly byOperator?: boolean }): Promise<Response> {
    const entered = lanes.enter();
    if (entered === undefined) {
      const { body, ...init } = refuse(lanes.isClosed() ? 'DRAINING' : 'SOURCE_UNAVAILABLE', randomId());
      return new Response(body, init);
    }
    try {
      return await entered.instance.fetch(request, { ...slots });
    } finally {
      lanes.leave(entered);
    }
  }

  const explain = (request: Request): Promise<Response> => answer(request, { byOperator: true });

  /** An operation of a WebSocket connection: the connection outlives generations, each operation stays on the one it began on. */
  const operate: ProtocolOptions['operate'] = (connection, params) => {
    const entered = parting ? undefined : lanes.enter();
    if (entered === undefined) {
      return { refused: [refusalOf(parting ? 'DRAINING' : 'SOURCE_UNAVAILABLE', connection.id)] };
    }
    const end = (): void => lanes.leave(entered);
    const hold = (operation: SocketOperation): SocketOperation => {
      if ('refused' in operation) {
        end();
        return operation;
      }
      return { ...operation, answer: withEnd(operation.answer, end) };
    };
    const operation = entered.operate(connection, params);
    return operation instanceof Promise ? operation.then(hold) : hold(operation);
  };

  /** A connection, or an operation on it, whose proof is refused is a request that comes to no budget. */
  const countRefused = createCountRefused(config, taking);
  const identifyOnSocket: ProtocolOptions['identify'] = async (connection) => {
    try {
      return await identify(connection);
    } catch (error) {
      await countRefused?.({ ...connection, quota: undefined });
      throw error;
    }
  };

  async function stop(reason: 'stop' | 'replaced'): Promise<void> {
    const startedAt = now();
    draining = true;
    sockets?.leave();
    const inFlight = Math.max(listener?.inFlight() ?? 0, lanes.inFlight());
    events.draining({ reason, inFlight, limitMs: config.drainMs });
    const adminLeft = reason === 'replaced' ? adminListener?.leave(config.drainMs) : undefined;
    const left = (): number => config.drainMs - (now() - startedAt);
    let socketsDrained: Promise<number> | undefined;
    // Subscriptions would go on for ever: they are told to begin again elsewhere. What ends by itself may.
    const part = (): void => {
      parting = true;
      lanes.endSubscriptions(new GatewayError('DRAINING'));
      socketsDrained = sockets?.drain(left());
    };
    if (listener === undefined) part();
    const cut = ((await listener?.drain(config.drainMs, part, reason)) ?? 0) + ((await socketsDrained) ?? 0);
    unsubscribe();
    await lanes.close(left());
    await adminLeft;
    await adminListener?.[Symbol.asyncDispose]();
    await closeIdentity();
    events.stopped({ reason, abandoned: Math.max(cut, lanes.inFlight()), ms: now() - startedAt });
  }

  function readiness(): Readiness {
    return readinessOf(lanes.generation(), {
      draining,
      revision: supply.revision === undefined ? null : supply.revision(),
      faults: supply.faults?.(),
    });
  }

  return {
    readiness,
    fetch: (request) => answer(request, {}),
    explain,
    async listen() {
      const onFault = (error: unknown): void => log.warn({ err: error }, 'a request to the API of sources failed');
      const api = registrar && { registrar, config: config.registration, operations, onFault };
      const admin = await listenAdmin(
        createAdmin({
          readiness: together ? () => together.readiness(readiness) : readiness,
          metrics: { contentType: metrics.contentType, expose: together?.expose ?? metrics.expose },
          ...{ breakers, explain, dropAnswers: cache.drop, api },
        }),
        config.admin,
      );
      adminListener = admin;
      const proving = { identify: identifyOnSocket, identifyQuietly: identify };
      sockets = createSockets({ config, events, ...proving, operate, now, randomId });
      listener = await openListener({ ...config.listen, tls: config.tlsMaterial, handle, upgrade: sockets.upgrade });
      return { url: listener.url, admin: admin.url };
    },
    leave: () => (stopped ??= stop('replaced')),
    [Symbol.asyncDispose]: () => (stopped ??= stop('stop')),
  };
}
