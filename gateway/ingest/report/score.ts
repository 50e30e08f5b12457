import { EXCLUDED, type ImportReport, type Share } from '../wire.ts';

/** What each part of the typing weighs; the rest, one half, is for what came in at all. They add up to 1 (docs/import-report.md). */
const WEIGHTS = { answers: 0.25, arguments: 0.15, fields: 0.1 };
const CAME_IN = 0.5;

/**
 * How much of a contract reached the schema, from 0 to 100 with one decimal, rounded down: the share of its operations that came in,
 * times how well they are typed. What the policy leaves out on purpose does not count.
 */
export function scoreOf({
  operations,
  leftOut,
  typed,
}: Pick<ImportReport, 'operations' | 'leftOut' | 'typed'>): number {
  const excluded = leftOut.filter(({ reason }) => reason === EXCLUDED).length;
  const imported = shareOf({ all: operations.total - excluded, typed: operations.imported });
  const typing =
    CAME_IN +
    WEIGHTS.answers * shareOf(typed.answers) +
    WEIGHTS.arguments * shareOf(typed.arguments) +
    WEIGHTS.fields * shareOf(typed.fields);
  // A hair above, so that what is 95 does not become 94.9 by the last bit of a double.
  return Math.floor(1000 * imported * typing + 1e-6) / 10;
}

function shareOf({ all, typed }: Share): number {
  return all <= 0 ? 1 : Math.min(1, typed / all);
}
