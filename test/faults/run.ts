/**
 * `npm run test:faults -- [--rounds <n>] [--seed <n>] [<part of a name>]`: every fault happens to a gateway over real upstreams, each
 * round elsewhere. One line per fault: what was expected and seen, whether its siblings were answered, what was left. Ends with 1 when one was not survived.
 */
import { parseArgs } from 'node:util';
import { removeProjects } from '../kit/project.ts';
import { makeFaults } from './all-faults.ts';
import { createRandom } from './chance.ts';
import { probe, type Row } from './probe.ts';

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
      const row = await probe(fault);
      all += 1;
      if (row.complaints.length === 0) survived += 1;
      process.stdout.write(`${lineOf(row)}\n`);
    }
  }
  process.stdout.write(`${survived}/${all} faults survived\n`);
  return survived === all && all > 0 ? 0 : 1;
}

function lineOf({ name, expected, seen, siblings, callsInAll, left, complaints }: Row): string {
  const facts = [
    `expected ${expected}`,
    `seen ${seen}`,
    `siblings ${siblings ? 'answered' : 'LOST'}`,
    `${callsInAll} calls in all`,
    `left: ${left.requests} requests, ${left.sockets} sockets, ${left.timers} timers`,
  ];
  const line = `${complaints.length === 0 ? 'ok  ' : 'FAIL'} ${name} | ${facts.join(' | ')}`;
  return [line, ...complaints.map((complaint) => `       ${complaint}`)].join('\n');
}

try {
  process.exitCode = await main();
} finally {
  await removeProjects();
}
