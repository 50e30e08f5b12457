import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { FaultSettingError } from '../faults.ts';
import { toJson } from '../json.ts';

/** What a REST service answers when it cannot do what was asked, by RFC 9457. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;

  /**
   * @param status HTTP status, 400 to 599
   * @param detail a sentence for the caller
   */
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** A 404 that names what is missing. */
export function notFound(kind: string, id: string): Problem {
  return new Problem(404, `There is no ${kind} ${id}`);
}

/** Makes every failure of a server problem+json; what nobody foresaw says nothing about its inside. */
export function answerProblems(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => send(reply, 404, `There is nothing at ${request.method} ${request.url}`));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof Problem) {
      return send(reply, error.status, error.message);
    }
    if (error instanceof FaultSettingError) {
      return send(reply, 400, error.message);
    }
    // Fastify's own refusals: a request that breaks the contract, a body that is no JSON or too large.
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return send(reply, error.statusCode, error.message);
    }
    return send(reply, 500, 'The service failed');
  });
}

function send(reply: FastifyReply, status: number, detail: string): FastifyReply {
  const title = STATUS_CODES[status] ?? 'Unknown';
  return reply
    .code(status)
    .type('application/problem+json')
    .send(toJson({ type: 'about:blank', title, status, detail }));
}
