/**
 * The generic cell rate algorithm (ITU-T I.371) as a bucket of points: one number for each budget, the theoretical arrival time, says
 * until when the points that were taken come back. Pure: values in, values out.
 */
import type { Taken, WantedPoints } from './store.ts';

type Budget = Pick<WantedPoints, 'points' | 'emissionMs' | 'depthMs'>;

/** @param arrivalMs theoretical arrival time; undefined for a budget nobody has touched */
export function decide(
  arrivalMs: number | undefined,
  nowMs: number,
  { points, emissionMs, depthMs }: Budget,
): { fits: boolean; next: number; aheadMs: number } {
  const from = Math.max(arrivalMs ?? nowMs, nowMs);
  const next = from + points * emissionMs;
  const ahead = next - nowMs;
  // A request that takes nothing yet is let through as long as anything is left.
  const fits = points > 0 ? ahead <= depthMs + ROUNDING_MS : ahead < depthMs;
  return { fits, next, aheadMs: from - nowMs };
}

/** A thousandth of a millisecond: what sums of fractions lose must not refuse the last point. */
export const ROUNDING_MS = 0.001;

/** The arrival time after points were given back or taken without asking. */
export function settled(
  arrivalMs: number | undefined,
  nowMs: number,
  { points, emissionMs }: Pick<Budget, 'points' | 'emissionMs'>,
): number {
  return Math.max(arrivalMs ?? nowMs, nowMs) + points * emissionMs;
}

export type Standing = {
  readonly remaining: number;
  /** Until the budget is whole again. */
  readonly resetMs: number;
  /** Until the request would fit; undefined where it never will. */
  readonly retryAfterMs: number | undefined;
};

/** What a budget's state means to a client. */
export function standingOf({ fits, used }: Taken, { points, emissionMs, depthMs }: Budget): Standing {
  const remaining = Math.max(0, Math.floor((depthMs - used + ROUNDING_MS) / emissionMs));
  const needs = points > 0 ? points * emissionMs : Math.min(emissionMs, depthMs);
  const isEver = needs <= depthMs + ROUNDING_MS;
  const retryAfterMs = fits || !isEver ? undefined : Math.max(1, used + needs - depthMs);
  return { remaining, resetMs: Math.max(0, used), retryAfterMs };
}
