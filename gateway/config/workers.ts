/** `workers` of `gateway.yaml`: how many processes answer requests side by side. */
import { z } from 'zod';

/** More than this one supervisor is not to look after, and no port spreads connections well over. */
const MOST = 64;

export const workers = z
  .union([z.int().min(1).max(MOST), z.enum(['auto'])], { error: `must be a number from 1 to ${MOST}, or auto` })
  .default(1)
  .describe(
    'How many processes answer requests side by side, on the same ports; auto is one for each core, at most 64. Each has memory, caches and breakers of its own.',
  );

/**
 * @param cores that the process may use
 * @returns how many processes that is
 */
export function workersOf(setting: z.output<typeof workers>, cores: number): number {
  return setting === 'auto' ? Math.max(1, Math.min(MOST, cores)) : setting;
}
