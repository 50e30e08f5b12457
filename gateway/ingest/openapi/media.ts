/** Which of several media types and answers an operation is served by. */
import { isRecord } from '../../lib/json.ts';
import { essenceOf, isJsonType, isLinesType, isXmlType } from '../../lib/media-types.ts';
import type { Note } from '../wire.ts';
import { type Encoding, encodingNotes, encodingOf } from './encoding.ts';
import { linesSite } from './lines.ts';
import { isConstraint, locate, type Resolve, type Site } from './types/site.ts';

export type Choice = {
  /** Empty where there is no content. */
  mediaType: string;
  /** The schema of the content; what is no JSON has the form its media type has. */
  site: Site;
  encoding?: Encoding;
};

export type ChosenBody = Choice & {
  required: boolean;
  /** What is sent otherwise than the contract says. */
  notes: Note[];
};
/** What is answered with a status, or with a range of them (`2XX`). */
export type StatusChoice = Choice & { status: string };
/** The answer that an operation is served by, and the other successes; those of the same form have its very site. */
export type ChosenAnswer = StatusChoice & { others: StatusChoice[] };

type Place = { pointer: string; name: string };

/** Bodies are sent as the first of these that the contract allows, else as what it lists first. */
const BODY_ORDER = [isJson, isMultipart, isForm, isLinesType, isText, isXmlType];

/** The request body as one media type; undefined where there is none. */
export function chooseBody(requestBody: unknown, resolve: Resolve, place: Place): ChosenBody | undefined {
  if (!isRecord(requestBody)) return undefined;
  const content = isRecord(requestBody['content']) ? requestBody['content'] : {};
  const types = Object.keys(content);
  const type = BODY_ORDER.map((is) => types.find(is)).find((found) => found !== undefined) ?? types[0];
  if (type === undefined) return undefined;
  const encoding = encodingOf(content[type]);
  const site = isBinary(type) ? plain(place, type, BINARY) : schemaSite(content[type], place, type);
  return {
    mediaType: type === '*/*' ? 'application/json' : type,
    required: requestBody['required'] === true,
    site: isLinesType(type) ? linesSite(content[type], site, resolve) : site,
    ...(encoding ? { encoding } : {}),
    notes: isMultipart(type) || isForm(type) ? encodingNotes(content[type], type, site, resolve) : [],
  };
}

/** Whether a body can be sent from GraphQL: XML only where something says what it holds. */
export function canSend({ mediaType, site }: Choice): boolean {
  return !isXmlType(mediaType) || (isRecord(site.schema) && Object.keys(site.schema).some(isConstraint));
}

/**
 * The answer of an operation: the lowest 2xx response with a body, else the lowest 2xx, else `default` or a range.
 * Error responses are not part of the type: they become coded errors.
 */
export function chooseAnswer(responses: unknown, resolve: Resolve, place: Place): ChosenAnswer {
  const entries = isRecord(responses) ? Object.entries(responses) : [];
  const successes = entries.filter(([status]) => /^2(\d\d|XX)$/i.test(status)).sort(([a], [b]) => (a < b ? -1 : 1));
  const candidates = successes.length > 0 ? successes : entries.filter(([status]) => status === 'default');
  const found = candidates.map(([status, response]) => ({
    status,
    ...chooseContent(response, status, resolve, place),
  }));
  const withBody = found.filter(({ mediaType }) => mediaType !== '');
  const [chosen, ...others] = withBody.length > 0 ? withBody : found;
  if (!chosen) return { status: '', mediaType: '', site: { ...place, schema: undefined }, others: [] };
  return {
    ...chosen,
    others: others.map((other) =>
      sameSchema(other.site.schema, chosen.site.schema)
        ? { ...other, site: chosen.site }
        : { ...other, site: { ...other.site, name: `${other.site.name}${other.status}` } },
    ),
  };
}

function chooseContent(written: unknown, status: string, resolve: Resolve, place: Place): Choice {
  const at = { pointer: `${place.pointer}/responses/${status}`, name: `${place.name}Response` };
  const response = isRecord(written) && typeof written['$ref'] === 'string' ? resolve(written['$ref']) : undefined;
  // An answer that is not there is any JSON: the operation can be called all the same.
  if (response && !response.found) return { mediaType: 'application/json', site: { ...at, schema: written } };
  const value = response ? response.value : written;
  const content = isRecord(value) && isRecord(value['content']) ? value['content'] : {};
  const types = Object.keys(content);
  const type = types.find(isJson) ?? types.find(isLinesType) ?? types[0];
  if (type === undefined) return { mediaType: '', site: { ...at, schema: undefined } };
  const inside = response ? { ...at, pointer: response.pointer } : at;
  if (isJson(type))
    return { mediaType: type === '*/*' ? 'application/json' : type, site: schemaSite(content[type], inside, type) };
  const described = schemaSite(content[type], inside, type);
  if (isLinesType(type)) return { mediaType: type, site: linesSite(content[type], described, resolve) };
  if (isXmlType(type) && !isPlainText(described, resolve)) return { mediaType: type, site: described };
  return { mediaType: type, site: plain(inside, type, isText(type) || isXmlType(type) ? TEXT : BINARY) };
}

/** Whether a contract says of a document no more than that it is one. */
function isPlainText(site: Site, resolve: Resolve): boolean {
  const { schema, fault } = locate(site, resolve);
  if (fault !== undefined || !isRecord(schema) || !Object.keys(schema).some(isConstraint)) return true;
  const { type } = schema;
  return type === 'string' || type === 'file' || (Array.isArray(type) && type.includes('string'));
}

const TEXT = { type: 'string' };
const BINARY = { type: 'string', format: 'binary' };

function plain({ pointer, name }: Place, type: string, schema: unknown): Site {
  return { pointer: `${pointer}/content/${type.replaceAll('~', '~0').replaceAll('/', '~1')}/schema`, name, schema };
}

function schemaSite(media: unknown, place: Place, type: string): Site {
  const schema = isRecord(media) && media['schema'] !== undefined ? media['schema'] : {};
  return plain(place, type, schema);
}

function sameSchema(a: unknown, b: unknown): boolean {
  return a === b || (isRecord(a) && isRecord(b) && JSON.stringify(a) === JSON.stringify(b));
}

/** Whether a media type is JSON, or any: then JSON is what is asked for. */
export function isJson(mediaType: string): boolean {
  return isJsonType(mediaType) || essenceOf(mediaType) === '*/*';
}

function isMultipart(mediaType: string): boolean {
  return essenceOf(mediaType) === 'multipart/form-data';
}

function isForm(mediaType: string): boolean {
  return essenceOf(mediaType) === 'application/x-www-form-urlencoded';
}

function isText(mediaType: string): boolean {
  return essenceOf(mediaType).startsWith('text/') && !isXmlType(mediaType);
}

/** Bodies of which only the bytes count. */
function isBinary(mediaType: string): boolean {
  return ![isJson, isMultipart, isForm, isText, isXmlType, isLinesType].some((is) => is(mediaType));
}
