/**
 * `npm run proof:oracle -- [--operations <n>] [--seed <n>]`: random operations over random schemas, answered by each engine; all have to
 * say the same. The last line is the figure against its bound; ends with 1 where it is missed.
 */
import { parseArgs } from 'node:util';
import { prove } from '../oracle/run.ts';

const { values } = parseArgs({
  options: { operations: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
const { failure, operations, worlds } = await prove({
  seed: Number(values.seed),
  operations: Number(values.operations),
  onRound: (proof) => process.stdout.write(`${proof.operations} operations in ${proof.worlds} worlds\n`),
});
if (failure !== undefined) process.stdout.write(`FAIL ${failure}\n`);
process.stdout.write(
  `seed ${values.seed}: ${operations} operations in ${worlds} worlds; engines differ on: ${failure === undefined ? 0 : 1} (bound: 0)\n`,
);
process.exitCode = failure === undefined ? 0 : 1;
