import { sha256 } from '../../lib/hash.ts';
import type { CallKey } from '../connector.ts';

/** Names in the store: of the answer, and of the mark that says when its URL was changed. */
export type Names = { entry: string; url: string | undefined };

export function namesOf(source: string, { text, http }: CallKey): Names {
  return { entry: sha256(['answer', source, text]), url: urlName(source, http) };
}

/** The same for rows that were found by key: one name for each key, as a function of it. */
export function rowNamesOf(
  source: string,
  { text, http }: CallKey,
  shape: string,
): { row: (key: string) => string; url: string | undefined } {
  const group = sha256(['rows', source, text, shape]);
  return { row: (key) => sha256([group, key]), url: urlName(source, http) };
}

function urlName(source: string, http: CallKey['http']): string | undefined {
  return http && sha256(['changed', source, http.url]);
}
