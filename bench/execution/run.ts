/**
 * What executing costs by itself: CPU of one operation by each engine, over rows that are there at once, from document to JSON text.
 * `npx tsx bench/execution/run.ts [seconds]`. Only the ratios carry over to another machine.
 */

import { normalizedExecutor } from '@graphql-tools/executor';
import { buildSchema, type ExecutionArgs, type ExecutionResult, parse } from 'graphql';
import type { RequestContext } from '../../gateway/context.ts';
import { attachResolvers } from '../../gateway/execute/attach.ts';
import { createExecuteCompiled } from '../../gateway/execute/compiled/executor.ts';
import { attachEnums } from '../../gateway/execute/enums.ts';
import { readModel } from '../../gateway/execute/model.ts';
import { createPlanner } from '../../gateway/execute/planner.ts';
import { attachScalars } from '../../gateway/execute/scalars.ts';
import { median } from '../lib/stats.ts';
import { createRows, QUERIES, SDL } from './shop.ts';

const ROUNDS = 5;
const [seconds = '1'] = process.argv.slice(2);

const schema = attachEnums(buildSchema(SDL, { assumeValidSDL: true }));
attachScalars(schema);
const model = readModel(schema);
const planner = createPlanner(model);
const perform = createRows();
const hasOwnResolvers = attachResolvers(schema, model, { perform, planner });
const openUpstream = (): never => {
  throw new Error('nothing is streamed');
};
const compiled = createExecuteCompiled(
  { model, planner, perform, openUpstream, hasOwnResolvers },
  { programs: 1000, compileAfter: 0 },
);
const slots = (): RequestContext => ({ execution: undefined, calls: [] }) as object as RequestContext;

type Engine = (text: string, document: ReturnType<typeof parse>) => Promise<string>;

const ENGINES: Readonly<Record<string, Engine>> = {
  reference: async (_text, document) => {
    const args: ExecutionArgs = { schema, document, contextValue: slots() };
    return JSON.stringify(((await normalizedExecutor(args)) as ExecutionResult).data);
  },
  compiled: async (_text, document) => {
    const written = await compiled({ document, context: slots(), schema });
    if ('refused' in written) throw new Error(written.refused);
    return written.text;
  },
};

/** CPU of one operation, in µs. */
async function measure(engine: Engine, text: string, every: boolean): Promise<number> {
  const document = parse(text);
  const until = process.hrtime.bigint() + BigInt(Math.round(Number(seconds) * 1e9)) / BigInt(ROUNDS);
  const before = process.cpuUsage();
  let done = 0;
  while (process.hrtime.bigint() < until) {
    await engine(text, every ? parse(text) : document);
    done += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / done;
}

for (const [name, text] of Object.entries(QUERIES)) {
  for (const every of [false, true]) {
    const figures = new Map<string, number[]>();
    const answers = new Set<string>();
    for (const engine of Object.values(ENGINES)) answers.add(await engine(text, parse(text)));
    if (answers.size !== 1) throw new Error(`engines differ at ${name}`);
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [engine, execute] of Object.entries(ENGINES)) {
        const figure = await measure(execute, text, every);
        // The first round is for the compiler of the machine.
        if (round > 0) figures.set(engine, [...(figures.get(engine) ?? []), figure]);
      }
    }
    const [reference = Number.NaN, own = Number.NaN] = ['reference', 'compiled'].map((engine) =>
      median(figures.get(engine) ?? []),
    );
    const what = `${name}${every ? ', each document new' : ''}`;
    const bytes = [...answers][0]?.length ?? 0;
    process.stdout.write(
      `${what.padEnd(34)} ${String(bytes).padStart(7)} bytes  reference ${reference.toFixed(1).padStart(9)} µs  compiled ${own.toFixed(1).padStart(8)} µs  ${(reference / own).toFixed(1).padStart(6)}×\n`,
    );
  }
}
