import { createGuard } from '../connect/guard.ts';
import { createHttpTransport } from '../connect/rest/transport.ts';

export type TextEndpoint = {
  /** Sends one request and reads the whole answer. Fails when the time is up, the answer is too large, or nobody is there. */
  send(request: { method: 'GET' | 'POST'; headers: Readonly<Record<string, string>>; body?: string }): Promise<{
    status: number;
    text: string;
  }>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Largest answer: some hundred keys. */
const MAX_ANSWER_BYTES = 262_144;
const MAX_CONNECTIONS = 64;

/**
 * Opens connections to an address of `gateway.yaml`. Redirects are not followed, so that nobody but the configuration says whom the
 * gateway asks; addresses that give a cloud machine its credentials are refused, whatever a name stands for.
 *
 * @param what the key of the configuration, for the error of an address that must not be called
 */
export function createTextEndpoint(
  address: string,
  { what, timeoutMs, now }: { what: string; timeoutMs: number; now: () => number },
): TextEndpoint {
  const url = new URL(address);
  const source = 'identity';
  const transport = createHttpTransport({
    source,
    endpoints: [url.origin],
    guard: createGuard({ source, endpoint: url.origin, allowInternal: [], what, now }),
    maxBodyBytes: MAX_ANSWER_BYTES,
    maxConnections: MAX_CONNECTIONS,
  });
  const closed = new AbortController();
  return {
    async send({ method, headers, body }) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      try {
        const all = new Map(Object.entries({ 'user-agent': 'tributary', accept: 'application/json', ...headers }));
        const request = { method, path: url.pathname + url.search, headers: all, body };
        const answer = await transport.send(request, AbortSignal.any([late.signal, closed.signal]));
        return { status: answer.status, text: answer.body.toString('utf8') };
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.asyncDispose]: async () => {
      closed.abort(new Error('the gateway is closed'));
      await transport[Symbol.asyncDispose]();
    },
  };
}
