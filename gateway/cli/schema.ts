import { buildTree } from '../registry/build.ts';
import { checkTree } from '../registry/check.ts';
import type { Command } from './command.ts';
import { dirOption, jsonOption, projectDir, UsageError } from './command.ts';
import { exitCodes } from './io.ts';

/** The schema as it builds now: printed, written or compared. */
export const schema: Command = {
  name: 'schema',
  summary: 'Print the schema that the sources build now',
  options: {
    dir: dirOption,
    write: { type: 'boolean', description: 'write it to schemas/ in place of printing' },
    check: { type: 'boolean', description: 'only say whether schemas/ is what the sources build' },
    json: jsonOption,
  },
  examples: ['tributary schema', 'tributary schema --write', 'tributary schema --check'],
  async run(io, values) {
    const write = values['write'] === true;
    const json = values['json'] === true;
    const tree = { dir: projectDir(io, values), env: io.env };
    if (values['check'] === true) {
      if (write) throw new UsageError('--check and --write exclude each other');
      const { ok, faults, reports } = await checkTree(tree);
      if (json) io.out(`${JSON.stringify({ ok, faults, reports }, null, 2)}\n`);
      else if (ok) io.out('schemas/ is current.\n');
      else io.err(`${faults.join('\n')}\n`);
      return ok ? exitCodes.ok : exitCodes.bad;
    }
    const { publicSdl, written, reports } = await buildTree({ ...tree, write });
    if (json) io.out(`${JSON.stringify({ publicSdl, written, reports }, null, 2)}\n`);
    else if (write) io.out(written.length === 0 ? 'schemas/ is current.\n' : `${written.join('\n')}\n`);
    else io.out(publicSdl);
    return exitCodes.ok;
  },
};
