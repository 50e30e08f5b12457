/**
 * `tsx scripts/joins-report/main.ts <files>`: reads every contract as the gateway would and says which joins would be proposed within
 * it, with a sample to be judged by eye. The exit code is 1 when a contract cannot be read or its joins do not compose.
 */
import { argv, cwd } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findContracts, shortPath } from '../ingest-report/files.ts';
import { formatReading, formatSample } from './format.ts';
import { type Reading, readProposals } from './read.ts';
import { sampleOf } from './sample.ts';

const usage = `tsx scripts/joins-report/main.ts [options] FILE|FOLDER|GLOB...

  --sample N    joins to show with their reasons, of all contracts together (default 60)
  --per N       most of them of one contract (default 5)
  --seed N      another number, another sample (default 1)
  --help        this text
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    strict: true,
    options: {
      sample: { type: 'string', default: '60' },
      per: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    process.stdout.write(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const [most, per, seed] = [values.sample, values.per, values.seed].map(count);
  const readings: Reading[] = [];
  for (const contract of await findContracts(positionals, cwd())) {
    const reading = await readProposals(contract, shortPath(contract.file, cwd()));
    process.stdout.write(`${formatReading(reading)}\n`);
    readings.push(reading);
  }
  const sample = sampleOf(readings, { most: most ?? 0, per: per ?? 0, seed: seed ?? 1 });
  process.stdout.write(`\n${formatSample(sample)}\n`);
  process.exitCode = readings.some(({ fault }) => fault !== undefined) ? 1 : 0;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${text} is no whole number`);
  return value;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`joins-report: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
