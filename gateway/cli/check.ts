import { ruleFaults } from '../authorize/rule-faults.ts';
import { formatFaults } from '../config/faults.ts';
import { loadGatewayConfig } from '../config/load.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { checkTree } from '../registry/check.ts';
import type { Command } from './command.ts';
import { dirOption, failUnder, failUnderOption, jsonOption, projectDir } from './command.ts';
import { exitCodes } from './io.ts';

/** Everything that can be wrong with a project, told at once. */
export const check: Command = {
  name: 'check',
  summary: 'Check configuration, policies and sources, and that schemas/ is what they build',
  options: { dir: dirOption, 'fail-under': failUnderOption, json: jsonOption },
  examples: ['tributary check', 'tributary check --dir examples/shop --json', 'tributary check --fail-under 95'],
  async run(io, values) {
    const dir = projectDir(io, values);
    const leastScore = failUnder(values) ?? 0;
    const config = await loadGatewayConfig({ dir, env: io.env });
    const tree = await checkTree({ dir, env: io.env });
    const rules = tree.privateText === undefined ? [] : ruleFaults(tree.privateText);
    const faults = [
      ...(config.ok ? [] : formatFaults(config.faults).split('\n')),
      ...tree.faults,
      ...lowScores(tree.reports, leastScore),
      ...rules,
    ];
    const ok = config.ok && tree.ok && faults.length === 0;
    if (values['json'] === true) io.out(`${JSON.stringify({ ok, faults, reports: tree.reports }, null, 2)}\n`);
    else if (ok) io.out('All is well: configuration and sources are valid, and schemas/ is current.\n');
    else io.err(`${faults.join('\n')}\n`);
    return ok ? exitCodes.ok : exitCodes.bad;
  },
};

/** What is said of sources whose contracts reached the schema too little. */
export function lowScores(reports: readonly ImportReport[], leastScore: number): string[] {
  return reports
    .filter(({ score }) => score < leastScore)
    .map(({ source, score }) => `sources/${source}: its score is ${score}, below --fail-under ${leastScore}.`);
}
