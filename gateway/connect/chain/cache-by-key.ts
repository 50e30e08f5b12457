import { GatewayError } from '../../errors.ts';
import { openRowShelf, type RowShelf } from '../cache/rows.ts';
import { noteSaid, saidOf } from '../cache/said.ts';
import type { CacheStore } from '../cache/store.ts';
import type { Call, CallBulk, Caller, CallKey, CallResult, CallRule, RowsByKey } from '../connector.ts';
import { abortFault } from './abort.ts';
import { agesOf, type CacheOptions, type CachePlan } from './cache.ts';
import { createKeyFlights } from './cache-flights.ts';
import { createParts, noteParts, type Parts, type Sorted, sortKeys } from './cache-parts.ts';
import { type Flight, hasOutlived, startFlight, waitFor } from './coalesce.ts';
import { composeRules } from './compose.ts';
import { createRowsRule } from './rows.ts';
import { callWithin } from './within.ts';

export type ByKeyOptions = Omit<CacheOptions, 'store'> & {
  /** Where rows are kept; without it none are. */
  store: CacheStore | undefined;
  /** Whether the call may share rows with others that are under way. */
  isShared: (call: Call) => boolean;
  /** Most keys under way that others may wait for (default 10,000). */
  maxFlights?: number;
};

/** One bulk call and what holds for all its keys. */
type Asked = {
  call: Call;
  bulk: CallBulk;
  /** Of the call without its keys: everything else that is sent. */
  base: CallKey;
  /** Equal for calls that differ in their keys alone. */
  group: string;
  plan: CachePlan | undefined;
  shelf: RowShelf | undefined;
  sorted: Sorted;
};

const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();

/**
 * Protects a source from questions for rows that it was asked for before, or is being asked for: looks for each key of a bulk call by
 * itself, and has only those asked for that nobody has. What holds for whole answers (see the rules `cache` and `coalesce`, which
 * leave bulk calls to this one) holds for the rows of each key: ages come from the policy or the headers of the bulk answer, stale
 * rows are given while new ones are fetched or when the source fails, who leaves takes nothing from others. That there is no row is
 * kept like a row; errors are not.
 *
 * Keys meet only where everything else that is sent, credentials first of all, is equal. Where some keys fail and others have rows,
 * the result has both; it fails when no key has rows.
 */
export function createByKeyRule(options: ByKeyOptions): CallRule {
  const { source, store, planOf, keyOf, isShared, behind, refreshMs, lifetime, now } = options;
  const { maxRefreshes = 100, maxFlights = 10_000 } = options;
  const fault = (error: unknown): void => options.onFault?.(error);
  return (next) => {
    const rows = createRowsRule();
    const sortedNext = rows(next);
    const whole = rows((call) => next(withoutBulk(call)));
    const inBackground = composeRules(behind, sortedNext);
    const flights = createKeyFlights(maxFlights);
    const refreshing = new Set<string>();
    /** Operations whose rows once could be kept. */
    const kept = new Set<string>();
    let refreshes = 0;

    /** Asks the source for the keys of `call`, and keeps their rows. */
    async function ask(call: Call, { bulk, base, plan, shelf, sorted }: Asked, send: Caller): Promise<CallResult> {
      const askedAt = now();
      const { keys } = call.bulk ?? bulk;
      const { head = {}, ...answer } = await send(plan ? { ...call, conditions: NOTHING } : call);
      const { status, passed } = answer;
      const rows = answer.data as RowsByKey;
      const ages = plan && agesOf(plan, base, { status, head }, now());
      if (plan) noteSaid(call.notes, saidOf(plan.ages, head, ages?.freshMs));
      if (ages) kept.add(call.operation);
      for (const key of shelf ? keys : []) {
        const data = rows.get(key) ?? [];
        if (!ages) {
          if (sorted.spare.has(key) || sorted.given.has(key)) shelf?.drop(key);
        } else if (!(data instanceof Error)) {
          shelf?.keep(key, { ...ages, askedAt, status, data, head: {}, ...(passed && { passed }) });
        }
      }
      return answer;
    }

    function refresh(asked: Asked, shelf: RowShelf): void {
      const names = new Map(asked.sorted.stale.map((key) => [key, shelf.nameOf(key)]));
      const due = [...names].filter(([, name]) => !refreshing.has(name));
      if (due.length === 0 || refreshes >= maxRefreshes || lifetime.aborted) return;
      refreshes += 1;
      for (const [, name] of due) refreshing.add(name);
      const { record: _nobody, ...rest } = partOf(
        asked,
        due.map(([key]) => key),
      );
      const own: Call = { ...rest, notes: { cache: 'refresh' }, signal: lifetime, deadline: now() + refreshMs };
      ask(own, asked, (call) => inBackground({ ...call, notes: { cache: 'refresh' } }))
        // The next caller is told of what is wrong, when there is nothing left to give.
        .catch(() => undefined)
        .finally(() => {
          refreshes -= 1;
          for (const [, name] of due) refreshing.delete(name);
        });
    }

    /** Brings the rows of these keys: waits for who asks for them, and asks for the others. @returns whether it did */
    async function bring(asked: Asked, keys: readonly string[], parts: Parts): Promise<boolean> {
      const { call, group } = asked;
      // Looking took time: what cannot end in time is not started.
      if (!(call.deadline > now())) {
        parts.fail(keys, late(call), false);
        return false;
      }
      const shares = isShared(call);
      const { joined, own } = shares ? flights.split(group, keys) : { joined: NO_FLIGHTS, own: keys };
      const waits = [...joined].map(([flight, theirs]) => take(asked, flight, theirs, parts, own.length === 0));
      if (own.length > 0) {
        const send: Caller = (shared) => ask(shared, asked, sortedNext);
        const part = partOf(asked, own);
        const flight = shares ? flights.start(group, own, part, send) : startFlight(part, send, () => undefined);
        waits.push(take(asked, flight, own, parts, undefined));
      }
      const sent = await Promise.all(waits);
      return sent.includes(true);
    }

    /**
     * @param joined undefined for the call's own flight, else whether it has none
     * @returns whether something was asked for on behalf of the call
     */
    async function take(
      asked: Asked,
      flight: Flight,
      keys: readonly string[],
      parts: Parts,
      joined: boolean | undefined,
    ): Promise<boolean> {
      const { call, sorted } = asked;
      const isOwn = joined === undefined;
      const tell = (): void => {
        const { keepMs: _least, personal: _any, ...notes } = flight.shared.notes ?? {};
        noteSaid(call.notes, flight.shared.notes ?? {});
        if (call.notes && (isOwn || joined)) Object.assign(call.notes, notes, joined && { coalesced: true });
      };
      const wait: Caller = (waiting) => waitFor(flight, waiting, source, tell);
      try {
        // Time is kept back, so that stale rows still come when the source takes too long.
        const leftMs = Math.max(0, call.deadline - now());
        const ms = leftMs - Math.min(50, leftMs / 10);
        const hasSpare = keys.some((key) => sorted.spare.has(key));
        const own = hasSpare ? { ...call, deadline: now() + ms } : call;
        parts.add(keys, await (hasSpare ? callWithin(wait, own, { source, ms, late: () => late(call) }) : wait(own)));
        return isOwn;
      } catch (error) {
        if (call.signal.aborted) throw error;
        if (!isOwn && hasOutlived(flight, call, error, now())) return await bring(asked, keys, parts);
        parts.fail(keys, error, isOwn);
        return false;
      }
    }

    function late({ isSourceTime }: Call): GatewayError {
      return new GatewayError(isSourceTime ? 'UPSTREAM_TIMEOUT' : 'DEADLINE_EXCEEDED', { source });
    }

    async function answer(call: Call, bulk: CallBulk): Promise<CallResult> {
      const plan = planOf(call.operation);
      const reads = plan?.kind === 'read' ? plan : undefined;
      const base = reads || isShared(call) ? baseOf(call, bulk) : undefined;
      if (!base) return await whole(call);
      const shelf = reads && store ? openRowShelf({ source, store, fault }, base, bulk.shape) : undefined;
      const mayBeKept = shelf && (reads?.ages !== undefined || kept.has(call.operation));
      const entries = mayBeKept ? await shelf.look(bulk.keys) : NOTHING;
      if (call.signal.aborted) throw abortFault(call.signal, source);
      const sorted = sortKeys(bulk.keys, entries, now());
      const group = `${base.text}\n${bulk.shape}`;
      const asked: Asked = { call, bulk, base, group, plan: reads, shelf, sorted };
      if (shelf && sorted.stale.length > 0) refresh(asked, shelf);
      const parts = createParts(sorted);
      const isSent = sorted.wanted.length > 0 && (await bring(asked, sorted.wanted, parts));
      const result = parts.result(now());
      const isKept = reads?.ages !== undefined || kept.has(call.operation);
      noteParts(call, sorted, { parts, isSent, isKept, now: now() });
      return result;
    }

    /** What cannot be sent without keys has no such key: whole answers are shared and kept then. */
    function baseOf(call: Call, bulk: CallBulk): CallKey | undefined {
      try {
        return keyOf({ ...call, args: bulk.argsFor([]) });
      } catch {
        return undefined;
      }
    }

    return (call) => {
      if (call.bulk) return answer(call, call.bulk);
      return call.idempotent ? next(call) : next(call).finally(flights.part);
    };
  };
}

const NO_FLIGHTS: ReadonlyMap<Flight, readonly string[]> = new Map();

/** The same call for some of its keys. */
function partOf({ call, bulk }: Asked, keys: readonly string[]): Call {
  if (keys.length === bulk.keys.length) return call;
  return { ...call, args: bulk.argsFor(keys), keys: keys.length, bulk: { ...bulk, keys } };
}

function withoutBulk({ bulk: _bulk, ...whole }: Call): Call {
  return whole;
}
