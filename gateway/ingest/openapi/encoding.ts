/** How the parts of a form are written (OpenAPI 3.1 §4.8.15), and what of it is not done. */
import { isRecord } from '../../lib/json.ts';
import { essenceOf, isJsonType } from '../../lib/media-types.ts';
import type { Note } from '../wire.ts';
import { INNER_SEPARATORS } from './swagger-parameters.ts';
import { flatten } from './types/flatten.ts';
import { locate, pointerPart, type Resolve, type Site } from './types/site.ts';

/** By property. */
export type Encoding = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Keys of an Encoding Object, and what they are called on the wire. */
const ENCODING_KEYS = new Map([
  ...['contentType', 'style', 'explode', 'allowReserved'].map((key) => [key, key] as const),
  [INNER_SEPARATORS, 'inner'] as const,
]);
const MAX_TOLD = 100;
const MAX_DEPTH = 8;

/** What a media type says of its parts; undefined where it says nothing that is known. */
export function encodingOf(media: unknown): Encoding | undefined {
  const pairs = writtenEncodings(media).flatMap(([property, each]) => {
    const kept = Object.entries(each).flatMap(([key, value]) => {
      const name = ENCODING_KEYS.get(key);
      return name === undefined ? [] : [[name, value] as const];
    });
    return kept.length > 0 ? [[property, Object.fromEntries(kept)] as const] : [];
  });
  return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}

/**
 * What is sent otherwise than the contract says: objects are JSON whatever their part is called, and parts have no headers of their own.
 *
 * @param site the schema of the form, which stands at `…/schema`
 */
export function encodingNotes(media: unknown, mediaType: string, site: Site, resolve: Resolve): Note[] {
  const encodings = writtenEncodings(media);
  if (encodings.length === 0) return [];
  const { properties } = flatten(locate(site, resolve), resolve);
  return encodings.flatMap(([property, each]): Note[] => {
    const schema = properties.get(property);
    if (schema === undefined) return [];
    const pointer = `${site.pointer.replace(/\/schema$/, '')}/encoding/${pointerPart(property)}`;
    const type = otherType(each);
    const headers = essenceOf(mediaType).startsWith('multipart/') ? headersOf(each) : [];
    return [
      ...(type !== undefined && holdsObject(schema, resolve, 0)
        ? [{ pointer: `${pointer}/contentType`, text: `its objects are sent as application/json, not as ${type}` }]
        : []),
      ...(headers.length > 0
        ? [{ pointer: `${pointer}/headers`, text: `a part is sent without headers of its own: ${headers.join(', ')}` }]
        : []),
    ];
  });
}

function writtenEncodings(media: unknown): [string, Record<string, unknown>][] {
  const encoding = isRecord(media) && isRecord(media['encoding']) ? Object.entries(media['encoding']) : [];
  return encoding.map(([property, each]) => [property, isRecord(each) ? each : {}]);
}

/** The media type of a part that no JSON can be; one that is beside a style does not count (OpenAPI 3.1 §4.8.15.1). */
function otherType({ contentType, style, explode, allowReserved }: Record<string, unknown>): string | undefined {
  if (typeof contentType !== 'string' || contentType.trim() === '') return undefined;
  if ([style, explode, allowReserved].some((said) => said !== undefined)) return undefined;
  const isJson = contentType
    .split(',')
    .some((type) => isJsonType(type) || /^(\*|application)\/\*$/.test(essenceOf(type)));
  return isJson ? undefined : contentType.slice(0, MAX_TOLD);
}

/** Its media type is said elsewhere (OpenAPI 3.1 §4.8.15.1). */
function headersOf({ headers }: Record<string, unknown>): string[] {
  const names = Object.keys(isRecord(headers) ? headers : {});
  return names.filter((name) => name.toLowerCase() !== 'content-type').map((name) => name.slice(0, MAX_TOLD));
}

/** Whether a property, or an item of it, may be an object. */
function holdsObject(site: Site, resolve: Resolve, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  const { types, options, items } = flatten(locate(site, resolve), resolve);
  if (types.has('object')) return true;
  return [...options, ...(items ? [items] : [])].some((inner) => holdsObject(inner, resolve, depth + 1));
}
