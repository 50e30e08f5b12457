/** Subscriptions over server-sent events: graphql-sse (PROTOCOL.md, "Distinct connections mode"), one request for each. */
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { GatewayError } from '../../errors.ts';
import { parseJson } from '../../lib/json.ts';
import { type HttpAnswer, PayloadError, payloadFault } from '../rest/outcome.ts';
import { createEventReader, type SentEvent } from './event-stream.ts';
import { readEvent, readResponse } from './outcome.ts';
import type { OpenSubscription, SubscriptionRequest } from './subscription.ts';

/** Silence after which the system asks whether the other side is still there, in ms: comments are optional. */
const PROBE_AFTER_MS = 30_000;

/**
 * Opens the stream of one subscription. The connection is its own, and no more is read from it than is asked for. An answer that
 * is no stream is the one event there is, or the reason why there is none.
 */
export const openEvents: OpenSubscription = async function* (request, signal) {
  const { field, target, maxBodyBytes, lost } = request;
  const response = await send(request, signal);
  const isStream = response.statusCode === 200 && /^text\/event-stream\b/i.test(response.headers['content-type'] ?? '');
  if (!isStream) {
    const answer = await readWhole(response, maxBodyBytes);
    if (answer.status === 401) request.refused();
    yield readResponse(answer, field, target, lost);
    return;
  }
  // Nothing was asked to be packed. Some say so by a coding that does not exist.
  const coding = response.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (coding !== 'identity' && coding !== 'none') throw new PayloadError(`the stream is in the coding ${coding}`);
  request.opened();
  const reader = createEventReader(maxBodyBytes);
  for await (const chunk of response as AsyncIterable<Buffer>) {
    for (const event of reader.read(chunk)) {
      if (event.name === 'complete') return;
      if (event.name === 'next' || event.name === 'message') yield readEvent(parsed(event), field, target, lost);
    }
  }
  const cause = new Error('the stream ended without the event complete');
  throw new GatewayError('UPSTREAM_UNREACHABLE', { source: target().source, cause });
};

function send(
  { url, headers, body, tls, lookup, target }: SubscriptionRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { ca, cert, key, serverName } = tls ?? {};
    const options = {
      method: 'POST',
      headers: { ...Object.fromEntries(headers), accept: 'text/event-stream' },
      // Of no pool: the connection lives and dies with its subscription.
      agent: false as const,
      signal,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key && { key: key.reveal() }),
      ...(serverName !== undefined && { servername: serverName }),
      ...(lookup && { lookup }),
    };
    const sending = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, options, resolve);
    sending.setSocketKeepAlive(true, PROBE_AFTER_MS);
    sending.on('error', (error: Error & { code?: string }) => {
      const isUnreadable = error.code?.startsWith('HPE_') === true;
      reject(isUnreadable ? payloadFault(NO_ANSWER, target(), error) : error);
    });
    sending.end(JSON.stringify(body));
  });
}

const NO_ANSWER: HttpAnswer = { status: 0, headers: {}, body: Buffer.alloc(0), bytes: 0 };

async function readWhole(response: IncomingMessage, maxBodyBytes: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new PayloadError(`the body is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  const { statusCode: status = 0, headers } = response;
  return { status, headers, body: Buffer.concat(chunks, bytes), bytes };
}

function parsed({ data }: SentEvent): unknown {
  try {
    return parseJson(data);
  } catch (cause) {
    throw Object.assign(new PayloadError('an event is not JSON'), { cause });
  }
}
