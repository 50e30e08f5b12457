/** The composition root: configuration and resources in, a gateway out. Tests enter here, by `fetch`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readiness, SourceState } from './admin/app.ts';
import { createAdmin } from './admin/app.ts';
import { listenAdmin } from './admin/listen.ts';
import type { Generation } from './compose/generation.ts';
import type { GatewayConfig } from './config/schema.ts';
import type { Listener } from './http/listener.ts';
import { openListener } from './http/listener.ts';
import type { Events } from './observe/events.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import type { Instance } from './pipeline.ts';
import { createInstance, createPipeline } from './pipeline.ts';
import type { Supply } from './registry/supply.ts';
import { refuse } from './respond/refusal.ts';

export type AppOptions = {
  readonly config: GatewayConfig;
  /** Where generations come from; it stays the caller's to dispose. */
  readonly supply: Pick<Supply, 'current' | 'onSwap'>;
  readonly log: Pick<Log, 'warn'>;
  readonly events: Events;
  readonly metrics: Metrics;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomId: () => string;
};

export type App = {
  /** Answers one request in process, as the port would. */
  fetch(request: Request): Promise<Response>;
  /** Opens both ports. @throws what the system says when an address cannot be used */
  listen(): Promise<{ readonly url: string; readonly admin: string }>;
  /** What `/health/ready` says. */
  readiness(): Readiness;
  /** Takes no new connections, finishes what is in flight within `drainMs`, closes the ports. Calling it again waits for the same end. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** One generation in service: its Yoga, and how many requests are on it. */
type Lane = { readonly generation: Generation; readonly instance: Instance; inFlight: number; emptied?: () => void };

/** Puts the gateway together; nothing listens before `listen`. */
export function createApp({ config, supply, log, events, metrics, now, randomId }: AppOptions): App {
  const retiring = new Set<Promise<void>>();
  let lane = openLane(supply.current());
  let draining = false;
  let ended = false;
  let stopped: Promise<void> | undefined;
  let listener: Listener | undefined;
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
    const stages = createPipeline({ generation, config, events, now, randomId });
    return { generation, instance: createInstance(generation.schema, stages), inFlight: 0 };
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

  async function stop(): Promise<void> {
    const startedAt = now();
    draining = true;
    const inFlight = Math.max(listener?.inFlight() ?? 0, lane?.inFlight ?? 0);
    events.draining({ reason: 'stop', inFlight, limitMs: config.drainMs });
    const cut = (await listener?.drain(config.drainMs)) ?? 0;
    ended = true;
    unsubscribe();
    const last = lane;
    if (last !== undefined) await emptied(last, config.drainMs - (now() - startedAt));
    await Promise.all(retiring);
    await adminListener?.[Symbol.asyncDispose]();
    events.stopped({ reason: 'stop', abandoned: Math.max(cut, last?.inFlight ?? 0), ms: now() - startedAt });
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
    async fetch(request) {
      const entered = enter();
      if (entered === undefined) {
        const { body, ...init } = refuse(ended ? 'DRAINING' : 'SOURCE_UNAVAILABLE', randomId());
        return new Response(body, init);
      }
      try {
        return await entered.instance.fetch(request);
      } finally {
        leave(entered);
      }
    },
    async listen() {
      const admin = await listenAdmin(createAdmin({ readiness, metrics }), config.admin);
      adminListener = admin;
      listener = await openListener({ ...config.listen, handle });
      return { url: listener.url, admin: admin.url };
    },
    [Symbol.asyncDispose]: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function leave(lane: Lane): void {
  lane.inFlight -= 1;
  if (lane.inFlight === 0) lane.emptied?.();
}

/** Waits until no request is on the lane, at most so long. */
async function emptied(lane: Lane, limitMs: number): Promise<void> {
  if (lane.inFlight === 0 || limitMs <= 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    lane.emptied = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

async function retire(lane: Lane, limitMs: number): Promise<void> {
  await emptied(lane, limitMs);
  await lane.instance.dispose();
  await lane.generation[Symbol.asyncDispose]();
}
