import type { Keeping } from './keeping.ts';

/** Whether the whole answer of an operation may be kept, and why. Durations in ms. */
export type ExplainedCache = {
  kept: boolean;
  /** Which field has the least age, or what stands against it. */
  why: string;
  /** Absent where it is not kept. */
  scope?: 'PUBLIC' | 'PRIVATE';
  maxAgeMs?: number;
  staleWhileRevalidateMs?: number;
  staleIfErrorMs?: number;
  /** Headers of the request that it is kept apart by. */
  headers?: readonly string[];
  /** Fields whose calls have no age of their own: it is kept only where their sources say for how long. */
  askedOfSources?: readonly string[];
};

export function explainCache({ ages, leastAt, privateAt, never, unaged, headers }: Keeping): ExplainedCache {
  if (never !== undefined) return { kept: false, why: never };
  if (!ages) return { kept: false, why: 'no field has an age' };
  if (ages.maxAgeMs === 0) return { kept: false, why: `age 0 at ${leastAt}` };
  const scope = privateAt === undefined ? 'PUBLIC' : 'PRIVATE';
  const least = `the least age is that of ${leastAt}`;
  return {
    kept: true,
    why: privateAt === undefined ? least : `${least}, private at ${privateAt}`,
    scope,
    ...ages,
    ...(headers.length > 0 && { headers }),
    ...(unaged.size > 0 && { askedOfSources: [...unaged.values()] }),
  };
}
