/** Requests of the form that nearly all have: only these take the short way, and it says in which type they are answered. */
import type { IncomingMessage } from 'node:http';
import { isRecord } from '../../lib/json.ts';
import { isInOnePiece } from '../../lib/one-piece.ts';
import { parseBody, parseUrl } from '../params.ts';
import { graphqlPath } from '../route.ts';

/** How a plain request wants to be answered. */
export type MediaType = 'application/json' | 'application/graphql-response+json';

/** `length` is that of the body in bytes; 0 for GET. */
export type PlainRequest = { readonly mediaType: MediaType; readonly length: number };

/** Parameters of one operation whose answer comes in one piece. */
export type PlainParams = {
  /** Absent where a hash names it. */
  readonly query?: string;
  readonly extensions?: Record<string, unknown>;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
};

type IsKnownPlain = (hash: string) => boolean;

/** Longest body in bytes: one that comes with its head. */
const MAX_BODY = 65_536;
const JSON_TYPES = new Set(['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8']);
const PARAMETERS = new Set(['query', 'operationName', 'variables', 'extensions']);

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
export function readPlainParams(
  read: () => ReturnType<typeof parseBody>,
  isKnownPlain: IsKnownPlain,
): PlainParams | undefined {
  let params: ReturnType<typeof parseBody>;
  try {
    params = read();
  } catch {
    return undefined;
  }
  const { query, variables, extensions } = params;
  if (!Object.keys(params).every((name) => PARAMETERS.has(name))) return undefined;
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) return undefined;
  const hash = extensions == null ? undefined : hashAlone(extensions);
  if (extensions != null && hash === undefined) return undefined;
  if (query == null) return hash !== undefined && isKnownPlain(hash) ? params : undefined;
  return typeof query === 'string' && query !== '' && isInOnePiece(query) ? params : undefined;
}

/** The hash that names an operation, where it is all that `extensions` hold. */
function hashAlone(extensions: unknown): string | undefined {
  const named = isRecord(extensions) && Object.keys(extensions).length === 1 ? extensions['persistedQuery'] : undefined;
  const hash = isRecord(named) ? named['sha256Hash'] : undefined;
  return typeof hash === 'string' ? hash : undefined;
}

export const paramsOfBody = (body: Buffer, isKnownPlain: IsKnownPlain): PlainParams | undefined =>
  readPlainParams(() => parseBody(body.toString('utf8')), isKnownPlain);
export const paramsOfUrl = (url: string, isKnownPlain: IsKnownPlain): PlainParams | undefined =>
  readPlainParams(() => parseUrl(url), isKnownPlain);
