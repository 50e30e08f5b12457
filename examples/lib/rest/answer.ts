import type { FastifyReply, FastifyRequest } from 'fastify';
import { HANG_LIMIT_MS, type Plan } from '../faults.ts';
import { toJson } from '../json.ts';
import { wait } from '../wait.ts';
import type { RestFault } from './faults.ts';
import { Problem } from './problem.ts';
import type { Visit } from './visit.ts';

/** A request that keeps the contract. The contract has checked every part, so a handler may say what it knows the types to be. */
export type RestInput = {
  path: Readonly<Record<string, string>>;
  query: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string>>;
  body: unknown;
};

/** What a handler answers: JSON, or the bytes of a file; without either there is no body (204). */
export type RestAnswer = { status: number; body?: unknown; file?: { type: string; bytes: Buffer } };

export type RestHandler = (input: RestInput) => RestAnswer;

/**
 * Answers a request that keeps the contract, after the delay and with the fault of its plan.
 * A client that leaves during the delay gets nothing, and the handler does not run.
 */
export async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  visit: Visit,
  plan: Plan<RestFault>,
  handler: RestHandler,
): Promise<FastifyReply> {
  if ((await wait(plan.delayMs, visit.gone)) === 'aborted') {
    return reply.hijack();
  }
  switch (plan.fault?.kind) {
    case 'status':
      throw new Problem(plan.fault.status, 'A fault was asked for');
    case 'hang':
      if ((await wait(HANG_LIMIT_MS, visit.gone)) === 'elapsed') {
        reset(request, visit);
      }
      return reply.hijack();
    case 'reset':
      reset(request, visit);
      return reply.hijack();
  }

  const { status, body, file } = handler({
    path: request.params as Record<string, string>,
    query: request.query as Record<string, unknown>,
    headers: visit.headers,
    body: request.body,
  });
  const text = body === undefined ? '' : toJson(body);
  if (file !== undefined && plan.fault === undefined) {
    return reply.code(status).type(file.type).send(file.bytes);
  }
  switch (plan.fault?.kind) {
    case 'truncate':
      visit.brokenByUs = true;
      reply.hijack();
      // More is announced than comes, also where there is no body at all.
      reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) + 1 });
      reply.raw.write(firstHalf(text), () => reply.raw.destroy());
      return reply;
    case 'invalid-json':
      return reply
        .code(200)
        .type('application/json')
        .send(`${firstHalf(text)}{`);
    case undefined:
      return text === '' ? reply.code(status).send() : reply.code(status).type('application/json').send(text);
  }
}

function reset(request: FastifyRequest, visit: Visit): void {
  visit.brokenByUs = true;
  request.raw.socket.resetAndDestroy();
}

function firstHalf(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2));
}
