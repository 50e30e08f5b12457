import type { Note } from './wire.ts';

/** What keeps a link of a contract from being followed: a part of a sentence. */
export class LinkFault extends Error {
  override readonly name = 'LinkFault';
}

/** Of an answer that no type of the operation stands for. */
export const NOT_SERVED = 'its answer is not the one that is served';

/** The note about a link that is left out; whatever else was thrown goes on. */
export function noteOf(pointer: string, error: unknown): Note {
  if (!(error instanceof LinkFault)) throw error;
  return { pointer, text: `the link is left out: ${error.message}` };
}
