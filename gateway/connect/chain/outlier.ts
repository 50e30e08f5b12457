/** Which of several endpoints a call goes to, and which are left out for a while: values only. */
import type { OutlierPolicy } from '../../config/rules.ts';
import type { Verdict } from './verdict.ts';

export type EndpointState = {
  /** Calls under way. */
  readonly inFlight: number;
  /** Failures in a row. */
  readonly failures: number;
  /** How often it was ejected lately. */
  readonly ejections: number;
  /** Until when it is left out, in ms since the epoch. */
  readonly ejectedUntil: number;
  /** What the active health check says. */
  readonly healthy: boolean;
};

export const NEW_ENDPOINT: EndpointState = Object.freeze({
  inFlight: 0,
  failures: 0,
  ejections: 0,
  ejectedUntil: 0,
  healthy: true,
});

/**
 * The number of the endpoint for the next call: of two taken by chance the one with fewer calls under way (Mitzenmacher, "The Power
 * of Two Choices in Randomized Load Balancing"). Endpoints that are left out or unhealthy are taken only when no others are there,
 * and those that were tried for this call only after the others.
 *
 * @param random a number from 0 up to, not including, 1
 */
export function pick(
  endpoints: readonly EndpointState[],
  tried: ReadonlySet<number>,
  now: number,
  random: () => number,
): number {
  const all = endpoints.map((_, index) => index);
  const well = all.filter((index) => endpoints[index]?.healthy && !isEjected(endpoints[index], now));
  const usable = well.length > 0 ? well : all;
  const untried = usable.filter((index) => !tried.has(index));
  const candidates = untried.length > 0 ? untried : usable;
  const first = Math.floor(random() * candidates.length);
  // Any but the first one.
  const second = (first + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length;
  const [a = 0, b = a] = [candidates[first], candidates[second]];
  return (endpoints[b]?.inFlight ?? 0) < (endpoints[a]?.inFlight ?? 0) ? b : a;
}

/** An endpoint after one of its calls has ended. `mayEject`: whether enough others are there. */
export function afterCall(
  state: EndpointState,
  verdict: Verdict,
  { now, mayEject, policy }: { now: number; mayEject: boolean; policy: OutlierPolicy },
): EndpointState {
  const { inFlight, failures, ejections, ejectedUntil } = state;
  const ended = { ...state, inFlight: inFlight - 1 };
  if (verdict === 'neutral') return ended;
  if (verdict === 'ok') {
    // Who stayed well for as long as it was out begins with a clean sheet.
    const forgiven = now >= ejectedUntil + ejectionMs(ejections, policy);
    return { ...ended, failures: 0, ejections: forgiven ? 0 : ejections };
  }
  const inRow = failures + 1;
  if (inRow < policy.consecutiveFailures || !mayEject || isEjected(state, now)) return { ...ended, failures: inRow };
  const next = ejections + 1;
  return { ...ended, failures: 0, ejections: next, ejectedUntil: now + ejectionMs(next, policy) };
}

/** Whether one more may be left out: never more than half. */
export function mayEjectOne(endpoints: readonly EndpointState[], now: number): boolean {
  const out = endpoints.filter((endpoint) => isEjected(endpoint, now)).length;
  return (out + 1) * 2 <= endpoints.length;
}

export function isEjected(endpoint: EndpointState | undefined, now: number): boolean {
  return endpoint !== undefined && now < endpoint.ejectedUntil;
}

function ejectionMs(ejections: number, policy: OutlierPolicy): number {
  return Math.min(policy.maxEjectionMs, policy.ejectionMs * ejections);
}
