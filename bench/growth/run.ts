/**
 * How cost grows: what a request costs when sources, known operations or rows are ten times as many, and what a start takes with
 * very large contracts. `npx tsx bench/growth/run.ts [--seconds N] [--rounds N] [--starts N] [--contract FILE]`. Ends with exit code 1 when a bound does
 * not hold, or at the first wrong answer.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startUpstream } from '../lib/child.ts';
import { canPin, cores } from '../lib/launch.ts';
import { askThing, measureCosts } from './cost.ts';
import { countRootFields, measureStarts, pickQuestion, readSchema, type Start } from './giant.ts';
import { buildGateway, createSources, makeProject } from './projects.ts';

const SOURCES = 50;
const OPERATIONS = 200;
const MEGABYTE = 1_000_000;
/** A large real contract as a whole. */
const BOUNDS = { startMs: 1500, rssBytes: 250 * MEGABYTE };

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '7' },
    starts: { type: 'string', default: '3' },
    contract: { type: 'string' },
  },
});
const [seconds, rounds, starts] = [values.seconds, values.rounds, values.starts].map(positive) as [
  number,
  number,
  number,
];
// Not after minutes of measuring.
if (values.contract !== undefined) accessSync(values.contract);

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--seconds, --rounds and --starts take a number above 0, not ${text}`);
  return number;
}

/** One line: what, how much, and what it may be. */
function say(name: string, value: string, bound: string, isWithin = true): void {
  if (!isWithin) process.exitCode = 1;
  process.stdout.write(`${name.padEnd(46)} ${value.padStart(9)}  ${bound}${isWithin ? '' : '  NOT HELD'}\n`);
}

function sayStart(what: string, start: Start, bounds?: typeof BOUNDS): void {
  const within = (value: number, most = Number.POSITIVE_INFINITY) => value <= most;
  const [most, mostMemory] = [bounds && `<= ${bounds.startMs} ms`, bounds && `<= ${bounds.rssBytes / MEGABYTE} MB`];
  const none = '(no bound)';
  say(`${what}: start`, `${start.startMs.toFixed(0)} ms`, most ?? none, within(start.startMs, bounds?.startMs));
  say(`${what}: RSS then`, megabytes(start.rssBytes), mostMemory ?? none, within(start.rssBytes, bounds?.rssBytes));
  say(`${what}: first query`, `${start.firstMs.toFixed(0)} ms`, none);
  say(`${what}: introspection`, `${start.introspectionMs.toFixed(0)} ms`, none);
  say(`${what}: bytes of it`, megabytes(start.introspectionBytes), none);
  say(`${what}: RSS after it`, megabytes(start.rssAfterBytes), none);
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(0)} MB`;
}

const folder = mkdtempSync(join(tmpdir(), 'tributary-growth-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (canPin) spawnSync('taskset', ['-cp', String(cores.rest), String(process.pid)]);

await buildGateway();
await using upstream = await startUpstream(new URL('./upstream.ts', import.meta.url));
const port = upstream.ports['growth'] ?? 0;
for await (const { name, ratio, small, large, bound, isWithin } of measureCosts(folder, upstream, {
  rounds,
  seconds,
})) {
  const sizes = `${(small * 1000).toFixed(0)} and ${(large * 1000).toFixed(0)} µs CPU a request`;
  say(name, ratio.toFixed(3), `${bound}  (${sizes})`, isWithin);
}

const generated = join(folder, 'generated');
await makeProject(generated, createSources(SOURCES, OPERATIONS), port, false);
const start = await measureStarts(generated, askThing('first', '7'), SOURCES * OPERATIONS, starts);
sayStart(`${SOURCES} sources, ${SOURCES * OPERATIONS} operations`, start);

if (values.contract === undefined) {
  process.stdout.write('SKIPPED: a contract of yours (no --contract FILE)\n');
} else {
  const given = join(folder, 'given');
  await makeProject(given, [{ name: 'given', contract: values.contract }], port, false);
  const schema = await readSchema(given);
  sayStart('the contract', await measureStarts(given, pickQuestion(schema), countRootFields(schema), starts), BOUNDS);
}
