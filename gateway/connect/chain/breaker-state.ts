/** The circuit breaker as a state machine: no clock, no calls, only values. */
import type { BreakerPolicy } from '../../config/rules.ts';
import type { Verdict } from './verdict.ts';

/** Calls that ended within one part of the window. */
type Part = { readonly number: number; readonly calls: number; readonly failures: number };

/** `epoch` counts the changes of kind: what was let through in one epoch says nothing about a later one. */
export type BreakerState =
  | { readonly kind: 'closed'; readonly epoch: number; readonly parts: readonly Part[] }
  | { readonly kind: 'open'; readonly epoch: number; readonly until: number }
  | { readonly kind: 'half-open'; readonly epoch: number; readonly running: number; readonly passed: number };

export type BreakerRules = Pick<BreakerPolicy, 'failurePercent' | 'minimumCalls' | 'windowMs' | 'openMs' | 'probes'>;

/** A call that may pass, or how long it should stay away, in ms. */
export type Admission =
  | { state: BreakerState; permit: { epoch: number } }
  | { state: BreakerState; retryAfterMs: number };

/** The window moves on by parts of its length. */
const PARTS = 10;

export const CLOSED: BreakerState = Object.freeze({ kind: 'closed', epoch: 0, parts: [] });

/** A call comes: whether it may pass. When its time is up an open breaker lets a few calls probe the source. */
export function admit(state: BreakerState, now: number, { probes, openMs }: BreakerRules): Admission {
  switch (state.kind) {
    case 'closed':
      return { state, permit: { epoch: state.epoch } };
    case 'open': {
      if (now < state.until) return { state, retryAfterMs: state.until - now };
      const epoch = state.epoch + 1;
      return { state: { kind: 'half-open', epoch, running: 1, passed: 0 }, permit: { epoch } };
    }
    case 'half-open':
      if (state.running + state.passed >= probes) return { state, retryAfterMs: openMs };
      return { state: { ...state, running: state.running + 1 }, permit: { epoch: state.epoch } };
  }
}

/** A call that was let through has ended. */
export function settle(
  state: BreakerState,
  permit: { epoch: number },
  verdict: Verdict,
  now: number,
  rules: BreakerRules,
): BreakerState {
  if (permit.epoch !== state.epoch || state.kind === 'open') return state;
  if (state.kind === 'half-open') {
    const running = state.running - 1;
    if (verdict === 'failed') return opened(state, now, rules);
    if (verdict === 'neutral') return { ...state, running };
    const passed = state.passed + 1;
    return passed >= rules.probes
      ? { kind: 'closed', epoch: state.epoch + 1, parts: [] }
      : { ...state, running, passed };
  }
  if (verdict === 'neutral') return state;
  const parts = counted(state.parts, verdict === 'failed', Math.floor((now * PARTS) / rules.windowMs));
  const { calls, failures } = totalOf(parts);
  const tooMany = calls >= rules.minimumCalls && failures * 100 >= calls * rules.failurePercent;
  return tooMany && verdict === 'failed' ? opened(state, now, rules) : { ...state, parts };
}

/** What the window of a closed breaker holds. */
export function totalOf(parts: readonly Part[]): { calls: number; failures: number } {
  let calls = 0;
  let failures = 0;
  for (const part of parts) {
    calls += part.calls;
    failures += part.failures;
  }
  return { calls, failures };
}

function opened({ epoch }: BreakerState, now: number, { openMs }: BreakerRules): BreakerState {
  return { kind: 'open', epoch: epoch + 1, until: now + openMs };
}

/** A clock that is set back counts on in the last part. */
function counted(parts: readonly Part[], failed: boolean, wanted: number): readonly Part[] {
  const last = parts.at(-1);
  const number = last === undefined ? wanted : Math.max(wanted, last.number);
  const failures = failed ? 1 : 0;
  const kept = parts.filter((part) => part.number > number - PARTS);
  if (last?.number !== number) return [...kept, { number, calls: 1, failures }];
  kept[kept.length - 1] = { number, calls: last.calls + 1, failures: last.failures + failures };
  return kept;
}
