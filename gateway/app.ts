/** The composition root: configuration and resources in, a gateway out. Tests enter here, by `fetch`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readiness, SourceState } from './admin/app.ts';
import { createAdmin } from './admin/app.ts';
import { listenAdmin } from './admin/listen.ts';
import type { Generation } from './compose/generation.ts';
import type { GatewayConfig } from './config/schema.ts';
import type { Breakers } from './connect/chain/breakers.ts';
import { GatewayError } from './errors.ts';
import type { Listener } from './http/listener.ts';
import { openListener } from './http/listener.ts';
import type { ProtocolOptions } from './http/socket-protocol.ts';
import type { Sockets } from './http/sockets.ts';
import { createSockets } from './http/sockets.ts';
import type { OpenStream } from './http/streams.ts';
import { createStreams } from './http/streams.ts';
import { createIdentity } from './identify/identity.ts';
import { throughSteps } from './lib/iterables.ts';
import type { Events } from './observe/events.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import type { Instance } from './pipeline.ts';
import { createInstance, createOperate, createPipeline } from './pipeline.ts';
import type { Supply } from './registry/supply.ts';
import { refusalOf, refuse } from './respond/refusal.ts';

export type AppOptions = {
  readonly config: GatewayConfig;
  /** Where generations come from; it stays the caller's to dispose. */
  readonly supply: Pick<Supply, 'current' | 'onSwap'>;
  readonly log: Pick<Log, 'warn'>;
  readonly events: Events;
  readonly metrics: Metrics;
  /** For the admin port. */
  readonly breakers?: Breakers | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomId: () => string;
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
  /** Takes no new connections, finishes what is in flight within `drainMs`, closes the ports. Calling it again waits for the same end. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** One generation in service: its two entries, and how many operations are on it. */
type Lane = {
  readonly generation: Generation;
  instance: Instance;
  operate: ProtocolOptions['operate'];
  inFlight: number;
  emptied?: () => void;
};

/** Time that answers in parts get to say their last word. */
const lastWordMs = 250;

/** Puts the gateway together; nothing listens before `listen`. */
export function createApp({ config, supply, log, events, metrics, now, randomId, breakers }: AppOptions): App {
  const retiring = new Set<Promise<void>>();
  // An answer in parts is on its lane until it is over, a plain one until it is sent.
  const streams = createStreams<Lane>(config.subscriptions.max, (owner) => settle(owner));
  const { identify, close: closeIdentity } = createIdentity({ config: config.identity, events, now });
  let lane = openLane(supply.current());
  let draining = false;
  let ended = false;
  let stopped: Promise<void> | undefined;
  let parting = false;
  let listener: Listener | undefined;
  let sockets: Sockets | undefined;
  let adminListener: AsyncDisposable | undefined;

  const unsubscribe = supply.onSwap((next) => {
    // Built before it is swapped in; should that fail, the old one goes on.
    const successor = openLane(next);
    const previous = lane;
    lane = successor;
    if (previous !== undefined) keep(retire(previous, config.drainMs));
  });

  function openLane(generation: Generation | undefined): Lane | undefined {
    if (generation === undefined) return undefined;
    const opened = { generation, inFlight: 0 } as Lane;
    const openStream: OpenStream = (kind, end) => streams.open(opened, kind, end);
    const options = { generation, config, events, identify, openStream, now, randomId };
    opened.instance = createInstance(generation.schema, createPipeline(options));
    opened.operate = createOperate(opened.instance, options);
    return opened;
  }

  function keep(work: Promise<void>): void {
    const held = work
      .catch((error: unknown) => log.warn({ err: error }, 'a replaced generation could not be closed'))
      .finally(() => retiring.delete(held));
    retiring.add(held);
  }

  /** The lane a request stays on until it is answered. */
  function enter(): Lane | undefined {
    if (ended || lane === undefined) return undefined;
    lane.inFlight += 1;
    return lane;
  }

  function leave(left: Lane): void {
    left.inFlight -= 1;
    settle(left);
  }

  function settle(left: Lane): void {
    if (isEmpty(left)) left.emptied?.();
  }

  function isEmpty(left: Lane): boolean {
    return left.inFlight === 0 && streams.count(left) === 0;
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const entered = enter();
    if (entered === undefined) {
      const { status, headers, body } = refuse(ended ? 'DRAINING' : 'SOURCE_UNAVAILABLE', randomId());
      response.writeHead(status, headers).end(body);
      return;
    }
    response.once('close', () => leave(entered));
    void entered.instance(request, response);
  }

  async function answer(request: Request, slots: { readonly byOperator?: boolean }): Promise<Response> {
    const entered = enter();
    if (entered === undefined) {
      const { body, ...init } = refuse(ended ? 'DRAINING' : 'SOURCE_UNAVAILABLE', randomId());
      return new Response(body, init);
    }
    try {
      return await entered.instance.fetch(request, { ...slots });
    } finally {
      leave(entered);
    }
  }

  function explain(request: Request): Promise<Response> {
    return answer(request, { byOperator: true });
  }

  /** An operation of a WebSocket connection: the connection outlives generations, each operation stays on the one it began on. */
  const operate: ProtocolOptions['operate'] = (connection, params) => {
    const entered = parting ? undefined : enter();
    if (entered === undefined) {
      return { refused: [refusalOf(parting ? 'DRAINING' : 'SOURCE_UNAVAILABLE', connection.id)] };
    }
    const operation = entered.operate(connection, params);
    if ('refused' in operation) {
      leave(entered);
      return operation;
    }
    const end = (): void => leave(entered);
    return { ...operation, answer: throughSteps(operation.answer, { map: same, recover: nothing, end }) };
  };

  async function stop(): Promise<void> {
    const startedAt = now();
    draining = true;
    sockets?.leave();
    const inFlight = Math.max(listener?.inFlight() ?? 0, lane?.inFlight ?? 0);
    events.draining({ reason: 'stop', inFlight, limitMs: config.drainMs });
    const left = (): number => config.drainMs - (now() - startedAt);
    let socketsDrained: Promise<number> | undefined;
    // Subscriptions would go on for ever: they are told to begin again elsewhere. What ends by itself may.
    const part = (): void => {
      parting = true;
      streams.endSubscriptions(new GatewayError('DRAINING'));
      socketsDrained = sockets?.drain(left());
    };
    if (listener === undefined) part();
    const cut = ((await listener?.drain(config.drainMs, part)) ?? 0) + ((await socketsDrained) ?? 0);
    ended = true;
    unsubscribe();
    const last = lane;
    if (last !== undefined) await emptied(last, left());
    await Promise.all(retiring);
    await adminListener?.[Symbol.asyncDispose]();
    await closeIdentity();
    events.stopped({ reason: 'stop', abandoned: Math.max(cut, last?.inFlight ?? 0), ms: now() - startedAt });
  }

  /** Waits until nothing is on the lane, at most so long. */
  async function emptied(left: Lane, limitMs: number): Promise<void> {
    if (isEmpty(left) || limitMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      left.emptied = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function retire(left: Lane, limitMs: number): Promise<void> {
    await emptied(left, limitMs);
    if (streams.count(left) > 0) {
      streams.endOf(left, new GatewayError('DRAINING', { message: 'The schema was replaced: subscribe again.' }));
      await emptied(left, lastWordMs);
    }
    await left.instance.dispose();
    await left.generation[Symbol.asyncDispose]();
  }

  function readiness(): Readiness {
    const generation = lane?.generation;
    const sources = (generation?.sources ?? []).map(({ name, state, servesOld, message }): SourceState => {
      if (state === 'active') return { name, state: 'serving' };
      return { name, state: servesOld === true ? 'degraded' : 'failed', message };
    });
    return { ready: generation !== undefined && !draining, generation: generation?.id, sources };
  }

  return {
    readiness,
    fetch: (request) => answer(request, {}),
    explain,
    async listen() {
      const admin = await listenAdmin(createAdmin({ readiness, metrics, breakers, explain }), config.admin);
      adminListener = admin;
      sockets = createSockets({ config, events, identify, operate, now, randomId });
      listener = await openListener({ ...config.listen, tls: config.tlsMaterial, handle, upgrade: sockets.upgrade });
      return { url: listener.url, admin: admin.url };
    },
    [Symbol.asyncDispose]: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function same<T>(value: T): T {
  return value;
}

function nothing(): undefined {
  return undefined;
}
