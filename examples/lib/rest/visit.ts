import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CallMark, CallRecorder } from '../call-counter.ts';

/** A request for an operation of the contract on its way through the server. */
export type Visit = {
  call: CallMark;
  operation: string;
  headers: Readonly<Record<string, string>>;
  /** Aborted when the connection is gone or the answer is out: whatever waits for this request may stop. */
  gone: AbortSignal;
  /** Set before the server itself breaks the connection, which is no cancellation by the client. */
  brokenByUs: boolean;
};

declare module 'fastify' {
  interface FastifyRequest {
    visit: Visit | null;
  }
  interface FastifyContextConfig {
    operation?: string;
  }
}

/** Counts the request and watches whether its client stays until the end. */
export function beginVisit(
  operation: string,
  request: FastifyRequest,
  reply: FastifyReply,
  record: CallRecorder['record'],
): Visit {
  const headers = headersOf(request);
  const input = { ...(request.params as object), ...(request.query as object) };
  const call = record({ operation, input, headers });
  const gone = new AbortController();
  const visit: Visit = { call, operation, headers, gone: gone.signal, brokenByUs: false };
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished && !visit.brokenByUs) {
      call.cancel();
    }
    gone.abort();
  });
  return visit;
}

function headersOf(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : `${value}`,
    ]),
  );
}
