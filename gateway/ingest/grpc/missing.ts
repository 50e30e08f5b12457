/** What a contract lacks, and which of its imports that lead nowhere is to blame. */
import protobuf from 'protobufjs';
import { scalarOf } from '../../connect/grpc/shape.ts';
import { addTo } from '../../lib/multi-map.ts';
import { words } from '../../lib/names.ts';
import { IMPORT_REMEDY, type MissingImport, missingText, placeOf } from './proto-files.ts';

/** Why a message cannot be used, and the imports that may hold what it lacks. */
export type Lack = { reason: string; blamed: Set<MissingImport> };

/** What is said of a type that no file has. */
export type LackOf = (type: string) => Lack;

/** How many imports a reason names. */
const MAX_NAMED = 5;
/** How many imports are compared with each type that is not there. */
const MAX_COMPARED = 200;

/** Messages that hold, at any depth, a type that is not there: what they lack. The fields that name it are taken off. */
export function unusableTypes(types: readonly protobuf.Type[], lackOf: LackOf): Map<protobuf.Type, Lack> {
  const lacks = new Map<protobuf.Type, Lack>();
  const holders = new Map<protobuf.Type, protobuf.Type[]>();
  const queue: protobuf.Type[] = [];
  for (const type of types) {
    for (const field of [...type.fieldsArray]) {
      if (scalarOf(field.type) !== undefined) continue;
      const scope = field.declaringField?.parent ?? type;
      const inner = scope.lookup(field.type, [protobuf.Type, protobuf.Enum]);
      if (inner instanceof protobuf.Type) addTo(holders, inner, type);
      if (inner !== null) continue;
      addLack(lacks, type, lackOf(field.type));
      field.partOf?.remove(field);
      type.remove(field);
      queue.push(type);
    }
  }
  for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
    const lack = lacks.get(type);
    for (const holder of holders.get(type) ?? []) if (lack && addLack(lacks, holder, lack)) queue.push(holder);
  }
  return lacks;
}

/** Says of types that no file has which import their names point to: all imports where a name points to none. */
export function createBlame(missing: readonly MissingImport[]): LackOf {
  const compared = missing.slice(0, MAX_COMPARED).map((each) => ({ each, parts: partsOf(each.path) }));
  return (type) => {
    const scores = compared.map(({ parts }) => likeness(type, parts));
    const best = Math.max(0, ...scores);
    const blamed = compared.filter((_each, index) => scores[index] === best).map(({ each }) => each);
    const [only] = blamed;
    const named = blamed.slice(0, MAX_NAMED).map(placeOf).join(', ');
    const more = blamed.length > MAX_NAMED ? ` and ${blamed.length - MAX_NAMED} more` : '';
    let why = 'import the file that has it';
    if (only && blamed.length === 1) why = missingText(only);
    else if (only) why = `it may be in any of the imports that are not there (${named}${more}): ${IMPORT_REMEDY}`;
    return { reason: `needs ${type}, which no file of the contract has: ${why}`, blamed: new Set(blamed) };
  };
}

/** Whether it is news: the first reason stays, the imports are added. */
function addLack(lacks: Map<protobuf.Type, Lack>, type: protobuf.Type, lack: Lack): boolean {
  const known = lacks.get(type);
  if (!known) {
    lacks.set(type, { reason: lack.reason, blamed: new Set(lack.blamed) });
    return true;
  }
  const before = known.blamed.size;
  for (const each of lack.blamed) known.blamed.add(each);
  return known.blamed.size > before;
}

/**
 * How well a path goes with a type's name: how much of the package stands in the path in one piece, as is the custom
 * (`google.type.Money` in `google/type/money.proto`), and then whether the file has the name of the type.
 */
function likeness(type: string, parts: readonly string[]): number {
  const names = type
    .split('.')
    .filter((part) => part !== '')
    .map(plain);
  const own = names.pop();
  const where = `/${parts.join('/')}/`;
  let length = names.length;
  while (length > 0 && !where.includes(`/${names.slice(0, length).join('/')}/`)) length -= 1;
  return 2 * length + (own === parts.at(-1) ? 1 : 0);
}

function partsOf(path: string): string[] {
  return path
    .replace(/\.proto$/, '')
    .split(/[/.]/)
    .map(plain);
}

function plain(name: string): string {
  return words(name).join('').toLowerCase();
}
