import type { CacheAges } from '../../config/rules.ts';
import { type ErrorCode, GatewayError } from '../../errors.ts';
import type { Abortable } from '../../lib/ending.ts';
import { type Ages, agesByHeaders, agesByPolicy, cachingHead, MAX_AGE_MS, validatorsOf } from '../cache/ages.ts';
import {
  ageOf,
  type Entry,
  keptMs,
  leftOf,
  passedNow,
  readEntry,
  renewFields,
  standingOf,
  writeEntry,
} from '../cache/entry.ts';
import { type Names, namesOf } from '../cache/names.ts';
import { noteSaid, saidOf } from '../cache/said.ts';
import type { CacheStore, Mark } from '../cache/store.ts';
import type { Call, Caller, CallKey, CallResult, CallRule } from '../connector.ts';
import { abortFault } from './abort.ts';
import { composeRules } from './compose.ts';
import { createDeadlineRule } from './deadline.ts';
import { noteFailed } from './trace.ts';

/** What may be kept of one operation's answers. */
export type CachePlan = {
  /** `read`: a question; `write`: a call that may change what other operations of the source answer by GET. */
  kind: 'read' | 'write';
  /** Ages that the policy gives; they win over the headers'. */
  ages: CacheAges | undefined;
  /** Whether the headers of an answer may give ages. */
  byHeaders: boolean;
};

export type CacheOptions = {
  source: string;
  store: CacheStore;
  /** Undefined for operations that the cache has nothing to do with. */
  planOf: (operation: string) => CachePlan | undefined;
  keyOf: (call: Call) => CallKey | undefined;
  /** Rules around a call that fetches a new answer in the background. */
  behind: readonly CallRule[];
  /** Longest time of such a call, in ms. */
  refreshMs: number;
  /** Aborted when the source is closed: ends what runs in the background. */
  lifetime: Abortable;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Told when the store fails; calls go on without it. */
  onFault?: (error: unknown) => void;
  /** Most calls in the background at a time (default 100). */
  maxRefreshes?: number;
};

/** Failures for which an answer that is out of date is better than none (RFC 5861 §4). */
export const STALE_IF: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...(['UPSTREAM_UNREACHABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_FAILED', 'UPSTREAM_BAD_PAYLOAD'] as const),
  ...(['UPSTREAM_RATE_LIMITED', 'SOURCE_UNAVAILABLE', 'CIRCUIT_OPEN', 'DEADLINE_EXCEEDED'] as const),
]);
const NOTHING: ReadonlyMap<string, string> = new Map();

/** Whether an answer that is out of date is better than this one. Errors inside the answer of a GraphQL source are up to date. */
export function isOutage(error: unknown): boolean {
  return error instanceof GatewayError && STALE_IF.has(error.code) && !error.isAnswer;
}

/**
 * Protects a source from questions it has answered before, and callers from its failures. Answers are kept as long as the policy
 * of the operation says or, to GET, as long as their headers allow a cache that all callers share (RFC 9111): fresh ones are given
 * without a call, stale ones while a new one is fetched behind the caller's back, or when the source fails (RFC 5861). Others are
 * asked after with their validators. The key is everything that is sent and may shape the answer, and how it is read: who sends other
 * credentials never gets the answer, also after the policy or the contract has changed.
 *
 * A successful call that is no question makes what was kept of its URL useless (RFC 9111 §4.4).
 */
export function createCacheRule(options: CacheOptions): CallRule {
  const { source, store, planOf, keyOf, behind, refreshMs, lifetime, now, maxRefreshes = 100 } = options;
  const fault = (error: unknown): void => options.onFault?.(error);
  const mark = store.mark ?? (({ key, text, ttlMs }: Mark): Promise<void> => store.set(key, text, ttlMs));
  const soon = createDeadlineRule({ source, deadlineMs: undefined, now });
  return (next) => {
    const inBackground = composeRules(behind, next);
    const nextSoon = soon(next);
    const refreshing = new Set<string>();
    /** Operations whose answers once could be kept: the others need not be looked for. */
    const kept = new Set<string>();

    async function look(names: Names): Promise<Entry | undefined> {
      try {
        const [text, changed] = await store.get(names.url === undefined ? [names.entry] : [names.entry, names.url]);
        const entry = text === undefined ? undefined : readEntry(text);
        return entry && !(Number(changed) >= entry.askedAt) ? entry : undefined;
      } catch (error) {
        fault(error);
        return undefined;
      }
    }

    function keep(name: string, entry: Entry): void {
      const ttlMs = keptMs(entry);
      const text = ttlMs > 0 ? writeEntry(entry) : undefined;
      if (text === undefined) return;
      store.set(name, text, ttlMs).catch(fault);
    }

    /** Asks the source, and keeps what it answers. */
    async function ask(
      call: Call,
      key: CallKey,
      plan: CachePlan,
      entry: Entry | undefined,
      send: Caller,
    ): Promise<CallResult> {
      // To anything but GET they would mean something else (RFC 9110 §13.1.2).
      const conditions = entry && key.http?.method === 'GET' ? validatorsOf(entry.head) : NOTHING;
      const askedAt = now();
      const { head = {}, ...answer } = await send({ ...call, key, conditions });
      const renewed = answer.status === 304 && conditions.size > 0 ? entry : undefined;
      const result = renewed ? revived(renewed, answer) : answer;
      const { data, status, passed } = result;
      const whole = renewed ? { ...renewed.head, ...head } : head;
      const ages = agesOf(plan, key, { status, head: whole }, now());
      noteSaid(call.notes, saidOf(plan.ages, whole, ages?.freshMs));
      if (ages) {
        kept.add(call.operation);
        const fields = passed && { passed };
        keep(namesOf(source, key).entry, { ...ages, askedAt, status, data, head: cachingHead(whole), ...fields });
      } else if (entry) store.delete(namesOf(source, key).entry).catch(fault);
      if (ages || entry) note(call, renewed ? 'revalidated' : 'miss');
      return result;
    }

    function refresh(call: Call, key: CallKey, plan: CachePlan, entry: Entry): void {
      if (refreshing.has(key.text) || refreshing.size >= maxRefreshes || lifetime.aborted) return;
      refreshing.add(key.text);
      const { record: _nobody, ...rest } = call;
      const own: Call = { ...rest, notes: { cache: 'refresh' }, signal: lifetime, deadline: now() + refreshMs };
      const send: Caller = (asked) => inBackground({ ...asked, notes: { cache: 'refresh' } });
      ask(own, key, plan, entry, send)
        // The next caller is told of what is wrong, when there is nothing left to give.
        .catch(() => undefined)
        .finally(() => refreshing.delete(key.text));
    }

    async function read(call: Call, plan: CachePlan): Promise<CallResult> {
      const key = call.key ?? keyOf(call);
      if (key === undefined) return await next(call);
      const mayBeKept = plan.ages !== undefined || kept.has(call.operation);
      const entry = mayBeKept ? await look(namesOf(source, key)) : undefined;
      if (call.signal.aborted) throw abortFault(call.signal, source);
      if (!entry) return await ask(call, key, plan, undefined, next);
      const { state, forErrors } = standingOf(entry, now());
      if (state !== 'expired') {
        note(call, state === 'fresh' ? 'hit' : 'stale', ageOf(entry, now()));
        noteSaid(call.notes, { keepMs: leftOf(entry, now()) });
        if (state === 'stale') refresh(call, key, plan, entry);
        return given(entry, now());
      }
      if (!forErrors) return await ask(call, key, plan, entry, next);
      const remainingMs = call.deadline - now();
      try {
        // Time is kept back, so that the stale answer still comes when the source takes too long.
        const deadline = call.deadline - Math.min(50, remainingMs / 10);
        return await ask({ ...call, deadline }, key, plan, entry, nextSoon);
      } catch (error) {
        if (call.signal.aborted || !isOutage(error)) throw error;
        noteFailed(call, error);
        note(call, 'stale-if-error', ageOf(entry, now()));
        noteSaid(call.notes, { keepMs: 0 });
        return given(entry, now());
      }
    }

    async function write(call: Call): Promise<CallResult> {
      const result = await next(call);
      const key = call.key ?? keyOf(call);
      const { url } = key ? namesOf(source, key) : {};
      if (url !== undefined) await mark({ key: url, text: String(now()), ttlMs: 2 * MAX_AGE_MS }).catch(fault);
      return result;
    }

    return (call) => {
      const plan = planOf(call.operation);
      // Rows of bulk calls were looked for by key.
      if (plan === undefined || call.bulk) return next(call);
      return plan.kind === 'read' ? read(call, plan) : write(call);
    };
  };
}

/** How long the answer may be kept, by the policy or else by its headers; undefined when it must not be. */
export function agesOf(
  plan: CachePlan,
  key: CallKey,
  answer: { status: number; head: Record<string, string> },
  now: number,
): Ages | undefined {
  if (plan.ages) return agesByPolicy(plan.ages, answer.head);
  return plan.byHeaders && key.http ? agesByHeaders(key.http, answer.status, answer.head, now) : undefined;
}

/** A stored answer as the result of a call that was not made. */
function given(entry: Entry, now: number): CallResult {
  const passed = passedNow(entry, now);
  return { data: entry.data, status: entry.status, bytes: 0, ...(passed && { passed }) };
}

/** A stored answer as the result of the call that found it still good. */
function revived(entry: Entry, answer: CallResult): CallResult {
  const passed = renewFields(entry.passed, answer.passed);
  return { data: entry.data, status: entry.status, bytes: answer.bytes, ...(passed && { passed }) };
}

function note(call: Call, cache: NonNullable<Call['notes']>['cache'] & string, ageMs?: number): void {
  if (!call.notes || call.notes.cache === 'refresh') return;
  call.notes.cache = cache;
  if (ageMs !== undefined) call.notes.ageMs = ageMs;
}
