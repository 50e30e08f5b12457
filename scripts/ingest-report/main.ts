/**
 * `npm run ingest:report -- <files>`: reads every contract as the gateway would, each in a process of its own, and holds what came
 * out against a count of its own. The exit code is 1 when a contract fails, when an operation is lost without a word, or when too few
 * come in.
 */
import { writeFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { argv, cwd } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countOperations } from './count.ts';
import { type ContractFile, findContracts, findIncludeDir, shortPath } from './files.ts';
import { formatRows, summarize } from './format.ts';
import type { ReportJob } from './job.ts';
import { type Counted, judge, judgeTogether, type Row } from './judge.ts';
import { DEFAULT_LIMITS, type JobResult, runJob } from './run.ts';

const usage = `npm run ingest:report -- [options] FILE|FOLDER|GLOB...

  --json FILE        writes everything as JSON
  --together         reads all of them into one schema: nothing of one may give way to another in silence
  --include FOLDER   where imports of .proto files start; repeatable (default: found by walking up from each file)
  --fail-under P     least share of operations that has to come in, in percent (default 99.5)
  --timeout-ms N     longest time of one contract (default ${DEFAULT_LIMITS.timeoutMs})
  --memory-mb N      largest heap of one contract (default ${DEFAULT_LIMITS.memoryMb})
  --help             this text
`;

type Job = ReportJob['sources'][number];

export type Reading = {
  /** Folders that imports of .proto files start from; empty to find one for each. */
  readonly include: readonly string[];
  /** Reads one job: in a process of its own, unless a test has other plans. */
  readonly run: (job: ReportJob) => Promise<JobResult>;
};

/** Reads each contract alone, one after the other. `told` hears of every row as it comes. */
export async function reportOn(
  contracts: readonly ContractFile[],
  options: Reading & { from: string; told?: (row: Row) => void },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const contract of contracts) {
    const source = await toSource(contract, 'api', options.include);
    const count = await counted(contract, source.includeDirs);
    const result = await options.run({ sources: [source] });
    const row = judge(shortPath(contract.file, options.from), contract.kind, count, result);
    options.told?.(row);
    rows.push(row);
  }
  return rows;
}

/** Reads all contracts into one unified schema. */
export async function reportTogether(
  contracts: readonly ContractFile[],
  options: Reading,
): Promise<ReturnType<typeof judgeTogether>> {
  const taken = new Set<string>();
  const sources: Job[] = [];
  for (const contract of contracts) {
    const stem = basename(contract.file, extname(contract.file))
      .replace(/^[^a-z]+|[^a-z0-9-]+/gi, '-')
      .slice(0, 40);
    let name = stem.replace(/^-+|-+$/g, '') || 'api';
    while (taken.has(name)) name = `${name}-x`;
    taken.add(name);
    sources.push(await toSource(contract, name, options.include));
  }
  return judgeTogether(await options.run({ sources }));
}

async function toSource({ file, kind }: ContractFile, name: string, include: readonly string[]): Promise<Job> {
  const includeDirs = kind === 'grpc' && include.length === 0 ? [await findIncludeDir(file)] : include;
  return { name, kind, file, includeDirs };
}

async function counted(contract: ContractFile, includeDirs: readonly string[]): Promise<Counted> {
  try {
    return await countOperations(contract, includeDirs);
  } catch (error) {
    return {
      operations: [],
      unresolved: [],
      fault: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
    };
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    strict: true,
    options: {
      json: { type: 'string' },
      together: { type: 'boolean', default: false },
      include: { type: 'string', multiple: true, default: [] },
      'fail-under': { type: 'string', default: '99.5' },
      'timeout-ms': { type: 'string', default: String(DEFAULT_LIMITS.timeoutMs) },
      'memory-mb': { type: 'string', default: String(DEFAULT_LIMITS.memoryMb) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    process.stdout.write(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const from = cwd();
  const contracts = await findContracts(positionals, from);
  const include = values.include.map((folder) => resolve(from, folder));
  const limits = {
    timeoutMs: number('--timeout-ms', values['timeout-ms'], 1, 3_600_000),
    memoryMb: number('--memory-mb', values['memory-mb'], 64, 65_536),
  };
  const run = (job: ReportJob): Promise<JobResult> => runJob(job, limits);
  if (values.together) {
    const { ok, lines } = await reportTogether(contracts, { include, run });
    console.log(lines.join('\n'));
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ ok, lines }, null, 2)}\n`);
    process.exitCode = ok ? 0 : 1;
    return;
  }
  const failUnder = number('--fail-under', values['fail-under'], 0, 100);
  const told = (row: Row): void =>
    void process.stderr.write(`${row.ok ? 'ok    ' : 'FAILED'} ${row.file} (${row.ms} ms)\n`);
  const rows = await reportOn(contracts, { include, run, from, told });
  const { line, ok } = summarize(rows, failUnder);
  if (values.json !== undefined)
    await writeFile(values.json, `${JSON.stringify({ summary: line, ok, rows }, null, 2)}\n`);
  console.log(`${formatRows(rows)}\n\n${line}`);
  process.exitCode = ok ? 0 : 1;
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most))
    throw new Error(`${name}: a number from ${least} to ${most}`);
  return value;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`ingest:report: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
