/** The texts of an answer apart from it and in pieces: one message of many megabytes would be read in one turn of the event loop. */
import type { BuildAnswer, Piece } from './job.ts';

const PIECE = 262_144;

type WithTexts = Pick<BuildAnswer, 'built'>;

/** Takes the texts out of an answer that has some. @returns the rest of it, and the pieces that go before */
export function takeApart<Answer>(answer: Answer): { answer: Answer; pieces: Piece[] } {
  const { built } = answer as WithTexts;
  if (!built) return { answer, pieces: [] };
  const texts = [built.publicText, built.privateText, ...built.sources.map(([, text]) => text)];
  const pieces = texts.flatMap((text, of) =>
    Array.from({ length: Math.ceil(text.length / PIECE) }, (_, at) => ({
      of,
      piece: text.slice(at * PIECE, (at + 1) * PIECE),
    })),
  );
  return { answer: withTexts(answer, () => ''), pieces };
}

/** Puts them back; a text without a piece is an empty one. */
export function putTogether<Answer>(answer: Answer, pieces: readonly Piece[]): Answer {
  const texts: string[] = [];
  for (const { of, piece } of pieces) texts[of] = (texts[of] ?? '') + piece;
  return withTexts(answer, (of) => texts[of] ?? '');
}

function withTexts<Answer>(answer: Answer, textOf: (of: number) => string): Answer {
  const { built } = answer as WithTexts;
  if (!built) return answer;
  const sources = built.sources.map(([name], index): [string, string] => [name, textOf(index + 2)]);
  return { ...answer, built: { ...built, publicText: textOf(0), privateText: textOf(1), sources } };
}
