/** A world of sources, a schema over them, and what asks it by each of the engines. */
import { normalizedExecutor } from '@graphql-tools/executor';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeByGraphqlJs,
  type GraphQLSchema,
} from 'graphql';
import { toGraphQLError } from '../../gateway/errors.ts';
import { attachResolvers } from '../../gateway/execute/attach.ts';
import { createExecuteCompiled, type ExecuteCompiled } from '../../gateway/execute/compiled/executor.ts';
import { attachEnums } from '../../gateway/execute/enums.ts';
import { sourceAt } from '../../gateway/execute/error-source.ts';
import { type Model, readModel } from '../../gateway/execute/model.ts';
import type { Perform, Wanted } from '../../gateway/execute/perform.ts';
import { createPlanner } from '../../gateway/execute/planner.ts';
import { attachScalars } from '../../gateway/execute/scalars.ts';
import { stableStringify } from '../../gateway/lib/json.ts';
import type { Operation } from './operations.ts';
import type { Ledger, OracleContext } from './upstream.ts';

export type World = { schema: GraphQLSchema; perform: Perform; compiled: ExecuteCompiled };

/** @param upstreamOf makes what calls are answered by; @param compileAfter how often the compiled engine leaves an operation to others */
export function buildWorld(sdl: string, upstreamOf: (model: Model) => Perform, compileAfter = 0): World {
  const schema = attachEnums(buildSchema(sdl, { assumeValidSDL: true }));
  attachScalars(schema);
  const model = readModel(schema);
  const planner = createPlanner(model);
  const perform = upstreamOf(model);
  const hasOwnResolvers = attachResolvers(schema, model, { perform, planner });
  const openUpstream = (): never => {
    throw new Error('nothing is streamed');
  };
  const parts = { model, planner, perform, openUpstream, hasOwnResolvers };
  return {
    schema,
    perform,
    compiled: createExecuteCompiled(parts, { programs: 100, compileAfter, textBytes: 1_000_000 }),
  };
}

/** What an engine made of an operation: the JSON of its data, its errors as clients see them, and the calls it made. */
export type Outcome = {
  data: string | undefined;
  errors: readonly { path: readonly (string | number)[]; text: string }[];
  calls: readonly string[];
};

export type Engine = 'compiled' | 'reference' | 'graphql-js';

/** Runs an operation by an engine, until no call is under way any more. */
export async function runBy(
  engine: Engine,
  world: World,
  document: DocumentNode,
  operation: Operation,
): Promise<Outcome> {
  const context = { execution: undefined, calls: [], ledger: { made: [], open: 0 } } as object as OracleContext;
  const { data, errors } = await watched(engine, async () => {
    const given = await result(engine, world, document, operation, context);
    await quiet(context.ledger);
    return given;
  });
  return {
    data,
    errors: errors.map((error) => {
      const { message, path = [], locations, extensions } = toGraphQLError(error, 'id', (at) => sourceAt(context, at));
      return {
        path,
        text: stableStringify({ message, path, locations, code: extensions['code'], source: extensions['source'] }),
      };
    }),
    calls: callsOf(context.ledger.made),
  };
}

/**
 * Executors that go field by field leave rejections that nobody waits for: those of a list's items when another one has failed before.
 * Ours must not.
 */
async function watched<T>(engine: Engine, run: () => Promise<T>): Promise<T> {
  const left: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  const listener = (reason: unknown): void => void left.push(reason);
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', listener);
  try {
    const given = await run();
    if (engine === 'compiled' && left.length > 0) throw new Error('a rejection was left', { cause: left[0] });
    return given;
  } finally {
    process.off('unhandledRejection', listener);
    for (const other of others) process.on('unhandledRejection', other);
  }
}

/** An answer may be there before all calls are: they go on, and may lead to others. */
async function quiet(ledger: Ledger): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) {
    const made = ledger.made.length;
    await new Promise(setImmediate);
    if (ledger.open > 0 || ledger.made.length > made) turns = -1;
  }
}

/**
 * The calls as texts. Which field asked first for a call that several share, in which order they ask, and which keys stand first in
 * it and so in which of several, is nobody's business: how many there are is.
 */
function callsOf(made: readonly Wanted[]): string[] {
  const keyed = new Map<string, { calls: number; keys: string[] }>();
  const texts = made.flatMap(({ operation, coordinate, group, args, keys, idempotent, selection, mask }) => {
    const { ids, id, pairs, ...others } = args;
    const asked = selection && { words: selection.text.split(' ').sort(), variables: [...selection.variables] };
    const call = { operation, group, idempotent, selection: asked, mask };
    if (keys === 0) return [stableStringify({ ...call, coordinate, args })];
    const text = stableStringify({ ...call, args: others });
    const all = keyed.get(text) ?? { calls: 0, keys: [] };
    all.calls += 1;
    all.keys.push(...[ids, id, pairs].flat().flatMap((key) => (key === undefined ? [] : [stableStringify(key)])));
    keyed.set(text, all);
    return [];
  });
  const together = [...keyed].map(([text, { calls, keys }]) => `${text} ${calls} calls for ${keys.sort().join()}`);
  return [...texts, ...together];
}

type Result = { data: string | undefined; errors: readonly unknown[] };

async function result(
  engine: Engine,
  { schema, compiled }: World,
  document: DocumentNode,
  { operationName, variables }: Operation,
  context: OracleContext,
): Promise<Result> {
  if (engine === 'compiled') {
    const written = await compiled({ document, operationName, variables, context, schema });
    // What it refuses is run by the reference executor.
    if (!('refused' in written)) return { data: written.text, errors: written.errors };
    if (written.refused !== 'request') throw new Error(`refused: ${written.refused}`);
  }
  const args: ExecutionArgs = { schema, document, operationName, variableValues: variables, contextValue: context };
  const run = engine === 'graphql-js' ? executeByGraphqlJs : normalizedExecutor;
  const { data, errors = [] } = (await run(args)) as ExecutionResult;
  return { data: data === undefined ? undefined : JSON.stringify(data), errors };
}
