/** One case of the oracle: a world, an operation on it, and what the engines make of it. */
import {
  GraphQLList,
  type GraphQLOutputType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import type { Model } from '../../gateway/execute/model.ts';
import { differAgain } from './again.ts';
import { differences, hasMoved, truthBy } from './compare.ts';
import { makeOperation, type Operation } from './operations.ts';
import { makeSchema } from './schemas.ts';
import { readTape, type Tape } from './tape.ts';
import { createUpstream, type Faults } from './upstream.ts';
import { buildWorld, runBy, type World } from './world.ts';

export type Checked = {
  /** Operations that were run: those that validation let through. */
  run: number;
  /** What to look at when engines differ; undefined when they do not. */
  fault: string | undefined;
};

/** Most operations on one world. */
const OPERATIONS = 4;

/** Makes a world and operations of choices, and runs each by all engines. */
export async function checkCase(bytes: Uint8Array): Promise<Checked> {
  const tape = readTape(bytes);
  const faults = makeFaults(tape);
  const seed = String(tape.pick(256));
  const sdl = makeSchema(tape);
  const upstreamOf = (model: Model) => createUpstream({ model, seed, faults });
  const world = buildWorld(sdl, upstreamOf);
  let run = 0;
  for (const operation of tape.list(1, OPERATIONS, () => makeOperation(world.schema, tape))) {
    const document = parse(operation.text);
    if (validate(world.schema, document).length > 0) continue;
    run += 1;
    const other = (model: Model) => createUpstream({ model, seed: `${seed} other`, faults });
    const fault =
      (await differ(world, () => buildWorld(sdl, () => world.perform), operation)) ??
      (run % 3 === 1 ? await differAgain({ sdl, upstreams: [upstreamOf, other] }, document, operation) : undefined);
    if (fault) return { run, fault: describe(sdl, seed, faults, operation, fault) };
  }
  return { run, fault: undefined };
}

function makeFaults(tape: Tape): Faults {
  return {
    values: tape.of([0, 0, 20, 6]),
    rows: tape.of([0, 1]),
    calls: tape.of([0, 0, 8, 3]),
    delays: tape.of([0, 0, 3]),
  };
}

async function differ(world: World, again: () => World, operation: Operation): Promise<string | undefined> {
  const document = parse(operation.text);
  const compiled = await runBy('compiled', world, document, operation);
  const isTrue = hasMoved(compiled) ? truthBy(await runBy('reference', loosen(again()), document, operation)) : never;
  for (const engine of ['reference', 'graphql-js'] as const) {
    const other = await runBy(engine, world, document, operation);
    const found = differences(other, compiled, isTrue);
    if (found.length > 0) return `by ${engine}, and compiled:\n${found.join('\n')}`;
  }
  return undefined;
}

function never(): boolean {
  return false;
}

/** The world with a schema that lets null be everywhere. In place, once everything has been read from it. */
function loosen(world: World): World {
  for (const type of Object.values(world.schema.getTypeMap())) {
    if (type.name.startsWith('__') || (!isObjectType(type) && !isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) field.type = nullable(field.type);
  }
  return world;
}

function nullable(type: GraphQLOutputType): GraphQLOutputType {
  if (isNonNullType(type)) return nullable(type.ofType);
  return isListType(type) ? new GraphQLList(nullable(type.ofType)) : type;
}

function describe(sdl: string, seed: string, faults: Faults, { text, variables }: Operation, fault: string): string {
  const own = sdl.slice(sdl.indexOf('type Entry'));
  return [own, text, JSON.stringify({ variables, seed, faults }), fault].join('\n\n');
}
