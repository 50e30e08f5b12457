/** Whether a change is made, kept for later, or refused: from what is known of it. */
import type { ImportReport } from '../../ingest/wire.ts';
import type { Impact } from '../impact.ts';
import { Refusal } from '../refusal.ts';
import type { Manner } from './types.ts';

/** Which changes of a watched contract are taken up by themselves. */
export type Apply = 'safe' | 'all' | 'manual';

export type Verdict = { applied: true; forced?: true } | { applied: false; held: string };

/**
 * @param apply for changes that nobody asked for: what is held in place of refused
 * @param isUsageKnown whether operations are recorded; where they are not, every breaking change counts as one in use
 * @throws Refusal breaking or score
 */
export function judge(
  manner: Manner,
  {
    report,
    impact,
    apply,
    isUsageKnown,
  }: { report?: ImportReport | undefined; impact?: Impact | undefined; apply?: Apply; isUsageKnown: boolean },
): Verdict {
  const { failUnder, force = false, reason, hold = false } = manner;
  if (report && failUnder !== undefined && report.score < failUnder)
    throw new Refusal(
      'score',
      `The import scores ${report.score}, which is under ${failUnder}: the report says what to mend.`,
      { report },
    );
  if (hold) return { applied: false, held: reason ?? 'held on request' };
  if (apply === 'manual') return { applied: false, held: 'contract.apply is manual' };
  const breaking = impact?.counts.breaking ?? 0;
  if (apply === 'safe' && breaking > 0)
    return { applied: false, held: `${changes(breaking)}, and contract.apply is safe` };
  if (breaking === 0 || apply === 'all') return { applied: true };
  const broken = impact?.broken.count ?? 0;
  if (isUsageKnown && broken === 0) return { applied: true };
  if (force && reason !== undefined && reason.trim() !== '') return { applied: true, forced: true };
  const what = isUsageKnown
    ? `${changes(breaking)} that ${broken} recorded ${broken === 1 ? 'operation uses' : 'operations use'}`
    : `${changes(breaking)}, and which operations are in use is not recorded`;
  const remedy = force
    ? 'Say why (reason).'
    : 'Keep what was removed (keepRemoved), or force it and say why (force, reason).';
  throw new Refusal('breaking', `There ${breaking === 1 ? 'is' : 'are'} ${what}. ${remedy}`, { impact });
}

function changes(count: number): string {
  return count === 1 ? '1 breaking change' : `${count} breaking changes`;
}
