/** Bodies of one JSON text per line: a list of rows, however the contract writes it. */
import { isRecord } from '../../lib/json.ts';
import { flatten } from './types/flatten.ts';
import { locate, type Resolve, type Site } from './types/site.ts';

/**
 * The list that a media type of JSON lines is. Its rows are what `itemSchema` says (OpenAPI 3.2 §4.14), else the items of a schema
 * that is a list itself, else the schema.
 *
 * @param written the schema of the media type, which stands at `…/schema`
 */
export function linesSite(media: unknown, written: Site, resolve: Resolve): Site {
  if (isRecord(media) && media['itemSchema'] !== undefined) return listOf(media['itemSchema'], 'itemSchema', written);
  return isList(written, resolve) ? written : listOf(written.schema, 'schema', written);
}

/** A list that the contract does not write: it stands where the media type does, and its rows at one of its keys. */
function listOf(row: unknown, itemsKey: string, { pointer, name }: Site): Site {
  return { schema: { type: 'array', items: row }, pointer: pointer.replace(/\/schema$/, ''), name, itemsKey };
}

/** A tuple is one line: no sequence of any length has a form for each of its places. */
function isList(site: Site, resolve: Resolve): boolean {
  const at = locate(site, resolve);
  if (at.fault !== undefined) return false;
  const { types, tuple, options, values } = flatten(at, resolve);
  return types.size === 1 && types.has('array') && !tuple && options.length === 0 && values === undefined;
}
