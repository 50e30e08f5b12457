/** Requests of the form that nearly all have: only these take the short way, and it says in which type they are answered. */
import type { IncomingMessage } from 'node:http';
import { parseBody, parseUrl } from '../params.ts';
import { graphqlPath } from '../route.ts';

/** How a plain request wants to be answered. */
export type MediaType = 'application/json' | 'application/graphql-response+json';

/** `length` is that of the body in bytes; 0 for GET. */
export type PlainRequest = { readonly mediaType: MediaType; readonly length: number };

/** Parameters of one operation whose answer comes in one piece. */
export type PlainParams = {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
};

/** Longest body in bytes: one that comes with its head. */
const MAX_BODY = 65_536;
const JSON_TYPES = new Set(['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8']);
const PARAMETERS = new Set(['query', 'operationName', 'variables']);

/**
 * @param bodyBytes most bytes of a body
 * @returns undefined for a request that takes the long way, whatever is right or wrong with it
 */
export function readPlain({ method, url = '', headers }: IncomingMessage, bodyBytes: number): PlainRequest | undefined {
  const mediaType = mediaTypeOf(headers.accept);
  if (mediaType === undefined) return undefined;
  if (method === 'GET') {
    if (!url.startsWith(`${graphqlPath}?`) || headers['content-length'] || headers['transfer-encoding'])
      return undefined;
    return { mediaType, length: 0 };
  }
  if (method !== 'POST' || url !== graphqlPath) return undefined;
  if (!JSON_TYPES.has(headers['content-type'] ?? '')) return undefined;
  if (headers['content-encoding'] ?? headers['transfer-encoding'] ?? headers.expect) return undefined;
  const length = Number(headers['content-length']);
  return Number.isInteger(length) && length > 0 && length <= Math.min(MAX_BODY, bodyBytes)
    ? { mediaType, length }
    : undefined;
}

/**
 * The type that is named first wins, as for every answer in one piece. Weights, charsets, pages and anything else that has to be weighed
 * takes the long way.
 */
function mediaTypeOf(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept === '*/*') return 'application/json';
  if (accept.includes(';') || accept.includes('html')) return undefined;
  const comma = accept.indexOf(',');
  const first = (comma < 0 ? accept : accept.slice(0, comma)).trim().toLowerCase();
  return first === 'application/json' || first === 'application/graphql-response+json' ? first : undefined;
}

/** @returns undefined for what is no plain operation, right or wrong */
export function readPlainParams(read: () => ReturnType<typeof parseBody>): PlainParams | undefined {
  let params: ReturnType<typeof parseBody>;
  try {
    params = read();
  } catch {
    return undefined;
  }
  const { query, variables } = params;
  if (typeof query !== 'string' || !Object.keys(params).every((name) => PARAMETERS.has(name))) return undefined;
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) return undefined;
  // Answers in parts, wherever the words stand.
  return /@(defer|stream)\b|\bsubscription\b/.test(query) ? undefined : (params as PlainParams);
}

export const paramsOfBody = (body: Buffer): PlainParams | undefined =>
  readPlainParams(() => parseBody(body.toString('utf8')));
export const paramsOfUrl = (url: string): PlainParams | undefined => readPlainParams(() => parseUrl(url));
