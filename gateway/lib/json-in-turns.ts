import { setImmediate as nextTurn } from 'node:timers/promises';
import { endOfPiece } from './hash.ts';
import { isRecord, sorted } from './json.ts';

/** Characters that are written in one turn: about a millisecond. */
const TURN = 131_072;

/**
 * The bytes of `stableStringify`, made in many turns of the event loop: requests are answered in between.
 * @param value plain data: what JSON can hold, and `undefined`
 */
export async function jsonInTurns(value: unknown): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let text = '';
  for (const piece of piecesOf(value)) {
    text += piece;
    if (text.length < TURN) continue;
    chunks.push(Buffer.from(text));
    text = '';
    await nextTurn();
  }
  chunks.push(Buffer.from(text));
  return Buffer.concat(chunks);
}

function* piecesOf(value: unknown): Generator<string> {
  if (typeof value === 'string' && value.length > TURN) yield* piecesOfText(value);
  else if (Array.isArray(value)) {
    yield '[';
    for (const [index, item] of value.entries()) {
      if (index > 0) yield ',';
      yield* piecesOf(item ?? null);
    }
    yield ']';
  } else if (isRecord(value)) {
    yield '{';
    let isFirst = true;
    // Keys that are whole numbers come first in every object, as they do there.
    for (const [key, inner] of Object.entries(sorted(value))) {
      if (inner === undefined) continue;
      yield `${isFirst ? '' : ','}${JSON.stringify(key)}:`;
      yield* piecesOf(inner);
      isFirst = false;
    }
    yield '}';
  } else yield JSON.stringify(value);
}

function* piecesOfText(text: string): Generator<string> {
  yield '"';
  for (let at = 0; at < text.length; ) {
    const end = endOfPiece(text, at + TURN);
    yield JSON.stringify(text.slice(at, end)).slice(1, -1);
    at = end;
  }
  yield '"';
}
