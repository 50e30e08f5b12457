/** What a change of sources came to, for a person. */
import type { Proposal } from '../../compose/propose/proposal.ts';
import type { Impact } from '../../registry/impact.ts';
import type { Outcome } from '../../registry/registrar/types.ts';
import { describeReport } from '../report-text.ts';

const SHOWN_LINES = 20;

export type Told = Pick<Outcome, 'report' | 'impact' | 'proposedJoins' | 'acceptedJoins'>;

/** Report, impact and joins. */
export function toldText({ report, impact, proposedJoins, acceptedJoins }: Told): string[] {
  return [
    ...(report ? describeReport(report) : []),
    ...(impact ? impactText(impact) : []),
    ...joinsText(proposedJoins, acceptedJoins),
  ];
}

export function impactText(impact: Impact): string[] {
  const { breaking, dangerous, safe } = impact.counts;
  if (breaking + dangerous + safe === 0) return ['', 'The served schema stays as it is.'];
  const lines = ['', `Changes of the served schema: ${breaking} breaking, ${dangerous} dangerous, ${safe} safe`];
  const shown = impact.changes.filter(({ level }) => level !== 'safe').slice(0, SHOWN_LINES);
  lines.push(...shown.map(({ level, text }) => `  ${level}: ${text}`));
  const { count, first } = impact.broken;
  if (count === 0) return lines;
  lines.push('', 'Recorded operations that would break:');
  for (const { name, hash, client, at } of first.slice(0, SHOWN_LINES)) {
    const who = client === undefined || client === '' ? '' : ` of ${client}`;
    lines.push(`  ${name || hash.slice(0, 12)}${who}: ${at.join(', ')}`);
  }
  if (count > SHOWN_LINES) lines.push(`  and ${count - SHOWN_LINES} more`);
  return lines;
}

function joinsText(proposals: readonly Proposal[], accepted: readonly string[]): string[] {
  if (proposals.length === 0) return [];
  const shown = proposals.slice(0, SHOWN_LINES);
  const title = accepted.length > 0 ? 'Joins that were written:' : 'Proposed joins (--accept-joins writes them):';
  const lines = shown.map(({ type, field, answer, many, target, confidence, reasons }) => {
    const to = `${target.source}.${target.field}`;
    return `  ${type}.${field}: ${many ? `[${answer}!]` : answer} by ${to} (${Math.round(confidence * 100)} %): ${reasons[0] ?? ''}`;
  });
  if (proposals.length > shown.length) lines.push(`  and ${proposals.length - shown.length} more (--json lists all)`);
  return ['', title, ...lines];
}

/** The last line: what has become of it. */
export function resultText(outcome: Outcome): string {
  const { source, dryRun, unchanged, held, applied, version, revision, generation } = outcome;
  if (dryRun)
    return held === undefined
      ? 'Nothing was changed (--dry-run).'
      : `It would be held: ${held}. Nothing was changed (--dry-run).`;
  if (unchanged) return `${source} is that already: nothing was changed.`;
  if (!applied)
    return `${source} version ${version} waits: ${held}. \`tributary source promote ${source}\` takes it into service.`;
  if (outcome.what === 'withdraw') return `${source} was taken out (revision ${revision}, generation ${generation}).`;
  const which = version === 0 ? 'as the working tree has it' : `version ${version}`;
  return `${source} ${which} is served (revision ${revision}, generation ${generation}).`;
}
