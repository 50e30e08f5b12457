/**
 * `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10): lists of items, structured fields of RFC 9651. A rule
 * is one item: its name, the quota `q` of the window `w`, what remains `r`, and the time `t` until it is whole again.
 */
import type { QuotaState } from '../context.ts';

/** The header fields of an answer; none without a rule that has a window. */
export function quotaHeaders(states: readonly QuotaState[]): Record<string, string> {
  const windowed = tightest(states).filter(({ windowMs }) => windowMs !== undefined);
  if (windowed.length === 0) return {};
  const policies = windowed.map(
    ({ rule, limit, windowMs = 0 }) => `"${rule}";q=${Math.floor(limit)};w=${seconds(windowMs)}`,
  );
  const limits = windowed.map(({ rule, remaining, resetMs }) => `"${rule}";r=${remaining};t=${seconds(resetMs)}`);
  return { 'ratelimit-policy': policies.join(', '), ratelimit: limits.join(', ') };
}

/** One state for each rule: of several budgets the one that has least. */
function tightest(states: readonly QuotaState[]): QuotaState[] {
  const byRule = new Map<string, QuotaState>();
  for (const state of states) {
    const known = byRule.get(state.rule);
    if (known === undefined || state.remaining < known.remaining) byRule.set(state.rule, state);
  }
  return [...byRule.values()];
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
