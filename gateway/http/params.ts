/**
 * GraphQL parameters out of a URL or a body, as GraphQL over HTTP (draft of 2025, §5) describes them. A POST has to be JSON: a page of
 * another site can send forms and plain text with the user's cookies, but JSON only after a preflight that is refused here.
 */
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';
import { assertBatch } from './batch.ts';

/** Not yet checked further: Yoga refuses parameters of the wrong type. */
export type Params = {
  query?: string;
  operationName?: string;
  variables?: Record<string, unknown>;
  extensions?: Record<string, unknown>;
};

/**
 * Refuses a POST whose body is not plain JSON.
 *
 * @throws GatewayError BAD_REQUEST with 415
 */
export function assertJsonBody(contentType: string | undefined, contentEncoding: string | undefined): void {
  if (contentType === 'application/json' && contentEncoding === undefined) return;
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  if (type.trim() !== 'application/json' || (charset !== undefined && !/^charset="?utf-8"?$/.test(charset))) {
    const message = 'A POST has to carry JSON in UTF-8: send content-type application/json.';
    throw new GatewayError('BAD_REQUEST', { status: 415, message, headers: { accept: 'application/json' } });
  }
  if (contentEncoding !== undefined && contentEncoding !== 'identity') {
    const message = 'The body must not be compressed: send it without content-encoding.';
    throw new GatewayError('BAD_REQUEST', { status: 415, message, headers: { 'accept-encoding': 'identity' } });
  }
}

/** @throws GatewayError BAD_REQUEST when the text is not one JSON object */
export function parseBody(text: string): Params {
  return asParams(parseJson(text, WHAT), WHAT);
}

/** The same, or a list of them, where lists are served. */
export function parseBodyOrList(text: string, batching: GatewayConfig['batching']): Params | Params[] {
  const value = parseJson(text, WHAT);
  if (!Array.isArray(value)) return asParams(value, WHAT);
  assertBatch(value.length, batching);
  return value.map((item: unknown) => asParams(item, 'Each operation of the list'));
}

const WHAT = 'The body of the request';

function asParams(value: unknown, what: string): Params {
  if (!isRecord(value)) throw new GatewayError('BAD_REQUEST', { message: `${what} must be a JSON object.` });
  // Yoga looks at the types of the other parameters.
  const name = value['operationName'];
  if (name != null && typeof name !== 'string') {
    throw new GatewayError('BAD_REQUEST', { message: 'The parameter "operationName" must be text.' });
  }
  return value;
}

/** @throws GatewayError BAD_REQUEST when `variables` or `extensions` is not JSON */
export function parseUrl(url: string): Params {
  const start = url.indexOf('?');
  const search = new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
  const params: Record<string, unknown> = {};
  for (const name of ['query', 'operationName']) {
    const value = search.get(name);
    if (value !== null && value !== '') params[name] = value;
  }
  for (const name of ['variables', 'extensions']) {
    const value = search.get(name);
    if (value !== null && value !== '') params[name] = parseJson(value, `The parameter "${name}"`);
  }
  return params;
}

/** Levels of lists and objects in what a client sends: more than any input has, and no more than is quickly read. */
const MAX_LEVELS = 200;
/** Lists and objects in what a client sends, in all. */
const MAX_GROUPS = 100_000;

/**
 * What is wrong with the form of a JSON text, if something is. Looked for before the text is parsed: a megabyte of brackets takes a
 * parser longer than anything else of that size.
 */
function formFault(text: string): string | undefined {
  let level = 0;
  let groups = 0;
  let inText = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) inText = !inText;
    else if (code === BACKSLASH && inText) index += 1;
    else if (inText) continue;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) level -= 1;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      level += 1;
      groups += 1;
      if (level > MAX_LEVELS) return `has more than ${MAX_LEVELS} levels: write it flatter`;
      if (groups > MAX_GROUPS) return `has more than ${MAX_GROUPS} lists and objects: send fewer at once`;
    }
  }
  return undefined;
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');

function parseJson(text: string, what: string): unknown {
  const fault = formFault(text);
  if (fault !== undefined) throw new GatewayError('BAD_REQUEST', { message: `${what} ${fault}.` });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('BAD_REQUEST', { message: `${what} is not valid JSON.`, cause });
  }
}
