/** Gets one document by its URL: a contract that a team names in place of bringing it. */
import { GatewayError } from '../../errors.ts';
import { createGuard } from '../guard.ts';
import { createHttpTransport } from './transport.ts';

export type FetchDocument = {
  /** Source that the document is of, for errors. */
  source: string;
  url: string;
  /** Whether internal addresses are refused, too, and not link-local and metadata ones alone. */
  refuseInternal: boolean;
  /** Hosts that may be asked all the same. */
  allowInternal: readonly string[];
  maxBytes: number;
  timeoutMs: number;
  /** Validators of the copy that is there already (RFC 9110 §8.8). */
  etag?: string | undefined;
  lastModified?: string | undefined;
  now: () => number;
};

export type FetchedDocument =
  | { changed: false }
  | {
      changed: true;
      bytes: Buffer;
      url: string;
      type: string;
      etag: string | undefined;
      lastModified: string | undefined;
    };

const MAX_REDIRECTS = 3;

/**
 * Asks with GET; follows three redirects at most, each judged like the first address.
 * @throws GatewayError BAD_REQUEST that says why there is no document
 */
export async function fetchDocument(options: FetchDocument): Promise<FetchedDocument> {
  const late = AbortSignal.timeout(options.timeoutMs);
  let url = httpUrl(options.url);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const answer = await ask(url, options, late);
    const location = headerOf(answer.headers['location']);
    if (answer.status >= 300 && answer.status < 400 && answer.status !== 304 && location !== undefined) {
      if (!URL.canParse(location, url)) throw refused(`${shown(url)} redirects to no URL.`);
      url = httpUrl(new URL(location, url).href);
      continue;
    }
    if (answer.status === 304) return { changed: false };
    if (answer.status !== 200) throw refused(`${shown(url)} answered ${answer.status}.`);
    return {
      changed: true,
      bytes: answer.body,
      url: shown(url),
      type: headerOf(answer.headers['content-type']) ?? '',
      etag: headerOf(answer.headers['etag']),
      lastModified: headerOf(answer.headers['last-modified']),
    };
  }
  throw refused(`${shown(url)} redirects more than ${MAX_REDIRECTS} times.`);
}

async function ask(url: URL, options: FetchDocument, signal: AbortSignal) {
  const { source, allowInternal, maxBytes, etag, lastModified, now } = options;
  const headers = new Map([
    ['user-agent', 'tributary'],
    ['accept', 'application/json, application/yaml, text/yaml, text/plain, */*;q=0.5'],
  ]);
  if (etag !== undefined) headers.set('if-none-match', etag);
  if (lastModified !== undefined) headers.set('if-modified-since', lastModified);
  try {
    const guard = createGuard({
      source,
      endpoint: url.origin,
      onlyContract: options.refuseInternal,
      allowInternal,
      what: 'contract’s URL',
      now,
    });
    await using transport = createHttpTransport({
      source,
      endpoints: [url.origin],
      guard,
      maxBodyBytes: maxBytes,
      maxConnections: 1,
    });
    return await transport.send({ method: 'GET', path: url.pathname + url.search, headers, body: undefined }, signal);
  } catch (cause) {
    if (cause instanceof GatewayError && cause.code === 'SOURCE_UNAVAILABLE') {
      throw refused(
        `${shown(url)} must not be asked: it is internal. The operator can allow its host in registration.allowInternal.`,
        cause,
      );
    }
    const why = signal.aborted
      ? `did not answer within ${options.timeoutMs} ms`
      : `could not be read (${maxBytes} bytes at most)`;
    throw refused(`${shown(url)} ${why}.`, cause);
  }
}

function httpUrl(text: string): URL {
  if (URL.canParse(text)) {
    const url = new URL(text);
    if ((url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '')
      return url;
  }
  throw refused('The URL of a contract is http(s)://host/path, without a user name.');
}

/** Without the query, which may hold a secret. */
function shown(url: URL): string {
  return url.origin + url.pathname;
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function refused(message: string, cause?: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', { message, cause });
}
