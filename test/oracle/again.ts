/** Sources that say the same again and again, in between something else, and then the same once more: as answers come that are recognized. */
import type { DocumentNode } from 'graphql';
import { createUnchanged } from '../../gateway/connect/unchanged.ts';
import type { Model } from '../../gateway/execute/model.ts';
import type { Perform, Wanted } from '../../gateway/execute/perform.ts';
import { stableStringify } from '../../gateway/lib/json.ts';
import { differences, hasMoved } from './compare.ts';
import type { Operation } from './operations.ts';
import { buildWorld, runBy } from './world.ts';

/** Which of two answers the sources give, run by run: to root fields, and to joins. Kept by the second time, given again by the third. */
const TURNS = [
  [0, 0],
  [0, 0],
  [0, 0],
  [0, 1],
  [0, 0],
  [1, 0],
] as const;
const BYTES = [Buffer.alloc(300, 'a'), Buffer.alloc(300, 'b')] as const;

export type AgainOptions = {
  sdl: string;
  /** Make what calls are answered by. */
  upstreams: readonly [(model: Model) => Perform, (model: Model) => Perform];
};

/** @returns how one run differs from one that was never asked before; undefined where none does */
export async function differAgain(
  { sdl, upstreams }: AgainOptions,
  document: DocumentNode,
  operation: Operation,
): Promise<string | undefined> {
  let turn: (typeof TURNS)[number] = TURNS[0];
  const saysOf = ({ operation }: Wanted): 0 | 1 => turn[/^(row|pairs)/.test(operation) ? 1 : 0];
  const changing = (model: Model): Perform => {
    const performs = upstreams.map((upstreamOf) => upstreamOf(model));
    return (context, wanted) => (performs[saysOf(wanted)] as Perform)(context, wanted);
  };
  const plain = buildWorld(sdl, changing);
  const recognized = buildWorld(sdl, (model) => recognizing(changing(model), (wanted) => BYTES[saysOf(wanted)]));
  for (const [index, next] of TURNS.entries()) {
    turn = next;
    const wanted = await runBy('compiled', plain, document, operation);
    // Which errors are told where null has moved up is a matter of what came first.
    if (hasMoved(wanted)) return undefined;
    const given = await runBy('compiled', recognized, document, operation);
    const found = differences(wanted, given, () => true);
    if (found.length > 0) return `compiled, and when it is asked for time ${index + 1}:\n${found.join('\n')}`;
  }
  return undefined;
}

/** Answers as connectors give them that find the bytes they had before: frozen, since nobody may change what all have. */
function recognizing(perform: Perform, bytesOf: (wanted: Wanted) => Buffer): Perform {
  const unchanged = createUnchanged(1_000_000)();
  return async (context, wanted) => {
    const data = await perform(context, wanted);
    const { operation, args, selection, mask } = wanted;
    const key = stableStringify([operation, args, selection && [selection.text, [...selection.variables]], mask]);
    return unchanged.read(key, bytesOf(wanted), () => frozen(data));
  };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || value instanceof Error) return value;
  for (const each of Object.values(value)) frozen(each);
  return Object.freeze(value);
}
