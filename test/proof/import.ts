/**
 * `npm run proof:import`: a contract of 10 MB is registered while clients ask. Rounds without and with an import take turns; each pair says
 * how much slower the slowest hundredth was. The last line holds the median of that against its bound; the exit code is 1 above it, or when a
 * request was lost.
 *
 * A control goes with each pair: in place of the import a program that does nothing but count, at the niceness of a build, for as long. What that
 * alone costs the clients is the machine's doing: on two processors the clients, their source, the gateway and the build share them.
 *
 *   --rounds N    pairs of rounds (5)
 *   --bytes N     length of the contract (10 MB)
 *   --clients N   how many ask at a time (8), each 50 times a second at most
 */
import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { argv, stdout } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Bench, openBench, percentile } from './import/bench.ts';
import { largeContract } from './import/contract.ts';

const BOUND = 1.2;
/** A machine that does much else is slow, and that is not what is measured. */
const NICENESS = 10;
const SETTINGS = `drainMs: 5000\nbuild: { maxMs: 600000, niceness: ${NICENESS} }\n`;
const THINK_MS = 20;

export type ImportRound = {
  requests: number;
  p99Quiet: number;
  p99Control: number;
  p99Import: number;
  importMs: number;
};
export type ImportFigures = { rounds: ImportRound[]; lost: string[] };

export async function proveImport({
  rounds,
  bytes,
  clients,
  program,
  quietMs = 6000,
  told = () => undefined,
}: {
  rounds: number;
  bytes: number;
  clients: number;
  program?: string;
  /** Time between an import and the next round without one. */
  quietMs?: number;
  told?: (round: ImportRound) => void;
}): Promise<ImportFigures> {
  await using bench = await openBench({ clients, thinkMs: THINK_MS, settings: SETTINGS, program });
  const figures: ImportFigures = { rounds: [], lost: [] };
  // What is brought in once: code of the gateway and of the build, and the first process that a large schema takes.
  await bench.during(importing(bench, bytes, 0));
  for (let n = 1; n <= rounds; n += 1) {
    // A process that took over just now is not as fast yet as it will be, and its predecessor may still be leaving.
    await bench.during(() => wait(quietMs));
    const length = figures.rounds.at(-1)?.importMs ?? 10_000;
    const shorter = Math.min(length, 4 * quietMs);
    const quiet = await bench.during(() => wait(shorter));
    const control = await bench.during(() => countFor(shorter));
    const busy = await bench.during(importing(bench, bytes, n));
    const round = {
      requests: quiet.times.length + control.times.length + busy.times.length,
      p99Quiet: percentile(quiet.times, 0.99),
      p99Control: percentile(control.times, 0.99),
      p99Import: percentile(busy.times, 0.99),
      importMs: busy.ms,
    };
    figures.rounds.push(round);
    figures.lost.push(...quiet.lost, ...control.lost, ...busy.lost);
    told(round);
  }
  return figures;
}

/** Keeps one processor busy, as far as others leave it. */
async function countFor(ms: number): Promise<void> {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  if (child.pid !== undefined) setPriority(child.pid, NICENESS);
  await wait(ms);
  child.kill('SIGKILL');
}

/** What sends one contract. Its text is made before: that takes a processor, which none of the team's uploads takes from a gateway. */
function importing(bench: Bench, bytes: number, n: number): () => Promise<void> {
  const contract = { files: { 'openapi.json': largeContract(bytes, n) }, main: 'openapi.json' };
  const named = n === 0 ? { name: 'large' } : {};
  const text = JSON.stringify({ ...named, contract, endpoint: bench.endpoint, force: true, reason: 'the proof' });
  const body = Buffer.from(text);
  return async () => {
    const { body: answer } =
      n === 0 ? await bench.send('POST', '/sources', body) : await bench.send('PUT', '/sources/large', body);
    if (answer['applied'] !== true)
      throw new Error(`import ${n} was not made: ${JSON.stringify(answer).slice(0, 500)}`);
  };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      bytes: { type: 'string', default: '10000000' },
      clients: { type: 'string', default: '8' },
    },
  });
  const program = fileURLToPath(new URL('../../dist/gateway/main.js', import.meta.url));
  const options = { rounds: Number(values.rounds), bytes: Number(values.bytes), clients: Number(values.clients) };
  const { rounds, lost } = await proveImport({
    ...options,
    program,
    told: ({ p99Quiet, p99Control, p99Import, importMs, requests }) =>
      void stdout.write(
        `p99 ${p99Quiet.toFixed(1)} ms without, ${p99Control.toFixed(1)} ms beside a program that counts, ${p99Import.toFixed(1)} ms with an import: ${(p99Import / p99Quiet).toFixed(2)} and ${(p99Import / p99Control).toFixed(2)} times; ${requests} requests, the import took ${(importMs / 1000).toFixed(1)} s\n`,
      ),
  });
  for (const line of lost.slice(0, 10)) stdout.write(`lost: ${line}\n`);
  const ratio = percentile(
    rounds.map(({ p99Quiet, p99Import }) => p99Import / p99Quiet),
    0.5,
  );
  const beside = percentile(
    rounds.map(({ p99Control, p99Import }) => p99Import / p99Control),
    0.5,
  );
  const requests = rounds.reduce((sum, round) => sum + round.requests, 0);
  stdout.write(
    `${rounds.length} imports of ${(options.bytes / 1e6).toFixed(1)} MB, ${requests} requests, ${lost.length} lost (bound 0), p99 ratio ${ratio.toFixed(2)} (median, bound ${BOUND.toFixed(2)}), ${beside.toFixed(2)} of the control\n`,
  );
  process.exitCode = lost.length === 0 && ratio <= BOUND ? 0 : 1;
}
