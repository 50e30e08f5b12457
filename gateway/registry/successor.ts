/** Who takes over from a process whose next generation is too large to be made while it answers. */

/** What is to be served. */
export type Wanted = {
  /** Id of the generation. */
  readonly generation: string;
  /** The registry's revision it was read at; another process may find a later one. */
  readonly revision: number;
};

export type Successor = {
  /** Longest unified schema that the serving process makes a generation of by itself, in bytes. */
  readonly aboveBytes: number;
  /** Has a fresh process make the generation and take over. Resolves when that serves, or with why it does not. Never rejects. */
  takeOver(wanted: Wanted): Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>;
};

/** What a fresh process came to. */
export type Reached = {
  readonly generation: string | undefined;
  readonly revision: number | undefined;
  readonly faults: readonly string[];
};

/**
 * Why a fresh process must not take over; undefined where it may. What was in the memory of its predecessor alone (the last good form of a
 * policy that is faulty now) it does not have: it then comes to something else, and the predecessor goes on.
 */
export function unfitness(wanted: Wanted, { generation, revision, faults }: Reached): string | undefined {
  if (generation === wanted.generation) return undefined;
  if (generation !== undefined && revision !== undefined && revision > wanted.revision) return undefined;
  const why = faults.length > 0 ? faults.join('\n') : 'it read the project otherwise';
  return `A fresh process could not make it: ${why}`;
}
