/** Maps on the wire as the lists of entries that the schema shows (`@dictionary`). */
import type { GraphQLField } from 'graphql';
import { isRecord } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';

export type Entry = { key: string; value: unknown };

/** What the field's directive says for a source; undefined where the field is no map. */
export function mapDirective(
  field: Pick<GraphQLField<unknown, unknown>, 'astNode'>,
  source: string,
): Readonly<Record<string, unknown>> | undefined {
  return directivesNamed(field.astNode, 'dictionary').find((args) => args['subgraph'] === source);
}

/** A map as entries; in a list of maps, each. What is neither stays as it is, for its type to refuse. */
export function toEntries(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toEntries);
  return isRecord(value) ? entriesOf(value) : value;
}

export function entriesOf(map: Readonly<Record<string, unknown>>): Entry[] {
  return Object.entries(map).map(([key, value]) => ({ key, value }));
}
