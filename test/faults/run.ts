/**
 * `npm run test:faults -- [--rounds <n>] [--seed <n>] [<part of a name>]`: every fault happens to a gateway over real upstreams, each
 * round elsewhere, and in the first one again and again. One line per fault: what was expected and seen, whether its siblings were
 * answered, what was left, in memory too. Ends with 1 when one was not survived.
 */
import { parseArgs } from 'node:util';
import { removeProjects } from '../kit/project.ts';
import { makeFaults } from './all-faults.ts';
import { createRandom } from './chance.ts';
import { probe, type Row } from './probe.ts';

/** Rounds of a fault in which memory is measured. */
const MEMORY = { warmUp: 3, fewest: 5, most: 11, collections: 2 };

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { rounds: { type: 'string', default: '2' }, seed: { type: 'string', default: '1' } },
    allowPositionals: true,
  });
  const rounds = Number(values.rounds);
  const seed = Number(values.seed);
  let survived = 0;
  let all = 0;
  for (let round = 0; round < rounds; round += 1) {
    process.stdout.write(`round ${round + 1} of ${rounds}, seed ${seed + round}\n`);
    for (const fault of makeFaults(createRandom(seed + round))) {
      if (!positionals.every((part) => fault.name.includes(part))) continue;
      all += 1;
      try {
        const row = await probe(fault, round === 0 ? MEMORY : undefined);
        if (row.complaints.length === 0) survived += 1;
        process.stdout.write(`${lineOf(row)}\n`);
      } catch (error) {
        process.stdout.write(`FAIL ${fault.name} | ${String(error)}\n`);
      }
    }
  }
  process.stdout.write(`${survived}/${all} faults survived\n`);
  return survived === all && all > 0 ? 0 : 1;
}

function lineOf({ name, expected, seen, siblings, callsInAll, left, memory, complaints }: Row): string {
  const facts = [
    `expected ${expected}`,
    `seen ${seen}`,
    `siblings ${siblings ? 'answered' : 'LOST'}`,
    `${callsInAll} calls in all`,
    `left: ${left.requests} requests, ${left.sockets} sockets, ${left.timers} timers`,
    ...(memory ? [`${memory.each} of ${memory.bound} bytes a failure`] : []),
  ];
  const line = `${complaints.length === 0 ? 'ok  ' : 'FAIL'} ${name} | ${facts.join(' | ')}`;
  return [line, ...complaints.map((complaint) => `       ${complaint}`)].join('\n');
}

try {
  process.exitCode = await main();
} finally {
  await removeProjects();
}
