/**
 * `npm run proof:registry -- [--kills <n>] [--seed <n>]`: two processes change the registry in one folder, and each time one of them is
 * killed (SIGKILL) at a random moment everything that was confirmed has to be there, whole and in order. The last line is the figure
 * against its bound; ends with 1 where it is missed.
 */
import { parseArgs } from 'node:util';
import { runKills } from './kills.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '500' }, seed: { type: 'string', default: '1' } },
});
const kills = Number(values.kills);
const seed = Number(values.seed);

const { confirmed, found, complaints } = await runKills({
  kills,
  seed,
  onKill: (kill, chain) => {
    if (kill % 50 === 0)
      process.stdout.write(
        `${kill} kills, ${chain.confirmed} confirmed changes, ${chain.complaints.length} complaints\n`,
      );
  },
});
for (const complaint of complaints) process.stdout.write(`FAIL ${complaint}\n`);
process.stdout.write(
  `seed ${seed}: ${kills} kills, ${found} changes of which ${confirmed} were confirmed; lost, torn or out of order: ${complaints.length} (bound: 0)\n`,
);
process.exitCode = complaints.length === 0 && confirmed > kills ? 0 : 1;
