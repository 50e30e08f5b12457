/** Answers operations from what is kept, or lets them be made: at most once at a time for equal ones. */

import type { ExecutionResult } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from '../context.ts';
import { createFlights, type Landing } from './flights.ts';
import { give } from './give.ts';
import { type Found, lookUp } from './look-up.ts';
import { mayStandIn } from './made.ts';
import { createMake, type Done, type MakeOptions, type Serving } from './make.ts';
import { createRefresh, type RefreshOptions } from './refresh.ts';
import { takeTurn } from './turn.ts';

export type ServeOptions = Omit<MakeOptions, 'onRefused'> & Omit<RefreshOptions, 'make'>;

export type Serve = (serving: Serving) => Promise<ExecutionResult>;

/** Most answers that are being made at a time, and that are remembered not to be worth waiting for. */
const MAX_FLIGHTS = 10_000;
const MAX_PASSES = 10_000;
/** How long it is remembered, in ms, that the answers of a key cannot be kept. */
const PASS_MS = 5000;
/** How often one waits for others who then leave before it has its answer. */
const MAX_WAITS = 3;

/**
 * Fresh answers are given as they are, stale ones while a new one is made behind the client's back, older ones at most when a source
 * fails (RFC 5861). Everything else is made, by one request for all that want the same at the time: in this process they wait for
 * its end, in others for their turn. Nobody waits for an answer that cannot be shared: that one cannot is remembered for a while.
 */
export function createServe(options: ServeOptions): Serve {
  const { store, config, randomId, now, onFault } = options;
  const flights = createFlights(MAX_FLIGHTS);
  const passes = new LRUCache<string, string>({ max: MAX_PASSES, ttl: PASS_MS, perf: { now } });
  const make = createMake({ ...options, onRefused: (key, reason) => void passes.set(key, reason) });
  const refresh = createRefresh({ ...options, make });

  async function serve(serving: Serving): Promise<ExecutionResult> {
    const { wanted, context } = serving;
    const pass = passes.get(wanted.key);
    if (pass !== undefined) return await alone(serving, pass);
    for (let waits = 0; waits < MAX_WAITS; waits += 1) {
      const underWay = flights.join(wanted.key);
      // Nobody else comes between this and the flight that is begun below.
      if (!underWay) break;
      const landing = await underWay;
      if (landing === 'none') return await alone(serving, passes.get(wanted.key) ?? 'the answer before had errors');
      if (landing !== 'left') return give(wanted, context, landing.found, landing.reason);
    }
    const flight = flights.begin(wanted.key);
    if (!flight) return await alone(serving, 'too much is under way');
    try {
      return await lead(serving, flight.end);
    } finally {
      // Whoever still waits takes over.
      flight.end('left');
    }
  }

  /** Runs it for this request and nobody else. */
  async function alone({ context, run }: Serving, reason: string): Promise<ExecutionResult> {
    context.cached = { outcome: 'miss', reason };
    return (await run(context)).result;
  }

  async function lead(serving: Serving, land: (landing: Landing) => void): Promise<ExecutionResult> {
    const { wanted, context } = serving;
    const hand = (found: Found, reason: string): ExecutionResult => {
      land({ found, reason });
      return give(wanted, context, found, reason);
    };
    const found = await lookUp(store, wanted.key).catch((error: unknown) => void onFault(error));
    if (found?.state === 'fresh') return hand(found, 'kept');
    if (found?.state === 'stale') {
      refresh(serving);
      return hand(found, 'a newer one is being made');
    }
    const turn = await takeTurn({
      ...{ store, key: wanted.key, holder: randomId(), lockMs: config.lockMs, waitMs: config.fillWaitMs },
      ...{ signal: context.signal, onFault, now },
    });
    if ('found' in turn) return hand(turn.found, 'made by another process');
    const spare = found?.forErrors ? found : undefined;
    const standIn = (old: Found): ExecutionResult => hand(old, 'a source failed');
    context.cached = { outcome: 'miss', reason: found ? 'expired' : 'not kept' };
    let made: Done | undefined;
    try {
      made = await inTime(make(serving, turn.stamp), context, spare);
      if (spare && (made === undefined || made.result.errors?.some(mayStandIn))) return standIn(spare);
      if (made === undefined) throw new Error('only a spare answer ends the wait');
      land(context.signal.aborted ? 'left' : made.landing);
      return made.result;
    } catch (error) {
      if (spare && !context.gone.aborted && mayStandIn(error)) return standIn(spare);
      throw error;
    } finally {
      // Others look for it in the store once the turn is over.
      void (made?.kept ?? Promise.resolve()).then(turn.end);
    }
  }

  /** The result; undefined when the time of the request is nearly over and there is an older answer to give. */
  async function inTime<T>(
    result: Promise<T>,
    { deadline }: RequestContext,
    spare: Found | undefined,
  ): Promise<T | undefined> {
    if (!spare) return await result;
    const leftMs = deadline - now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, leftMs - Math.min(50, leftMs / 10)), undefined);
    });
    // Nobody may be there to hear of its failure.
    result.catch(() => undefined);
    try {
      return await Promise.race([result, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  return serve;
}
