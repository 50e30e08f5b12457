/** How many there are, and the first of them: what is told of a large contract stays small. */
export type Bounded<T> = { count: number; first: T[] };

/** Most of one kind that is told. */
const MOST = 100;

export function bounded<T>(items: readonly T[], most = MOST): Bounded<T> {
  return { count: items.length, first: items.slice(0, most) };
}

/** Something a team should know of: a coordinate of the schema, a name on the wire or a place of the contract, and what of it. */
export type Finding = { at: string; text: string };
