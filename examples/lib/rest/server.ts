import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyRequest } from 'fastify';
import { createCallRecorder } from '../call-counter.ts';
import { createFaults } from '../faults.ts';
import { authorityOf, type RunningServer } from '../running-server.ts';
import { answer, type RestHandler } from './answer.ts';
import { type ContractOperation, operationsOf, readContract } from './contract.ts';
import { addControlRoutes } from './control-routes.ts';
import { parseRestFault, REST_FAULTS } from './faults.ts';
import { readForm } from './form.ts';
import { answerProblems, Problem } from './problem.ts';
import { createValidatorCompiler, describeViolation, requestSchemaOf } from './validation.ts';
import { beginVisit } from './visit.ts';

/** A handler for each operation of a contract, by its name. */
export type RestHandlers = Readonly<Record<string, RestHandler>>;

/** Bodies of the contracts are small, pictures too; the counter remembers them. */
const BODY_LIMIT_BYTES = 64 * 1024;

/**
 * Serves a REST contract: every operation of the document gets its route, its requests are checked against the document
 * before the handler sees them, and every answer can be delayed or broken on demand, by the headers `x-delay-ms` and
 * `x-fault` of a request or by a setting of its operation.
 *
 * @param options `contract`: the OpenAPI document; `handlers`: one for each operation by name, no more and no fewer (throws
 *   otherwise); `port` 0 takes a free one
 */
export async function startRestServer(options: {
  contract: URL;
  handlers: RestHandlers;
  host: string;
  port: number;
}): Promise<RunningServer> {
  const contract = await readContract(options.contract);
  const operations = operationsOf(contract);
  const names = operations.map((operation) => operation.name);
  const strangers = Object.keys(options.handlers).filter((name) => !names.includes(name));
  if (strangers.length > 0) {
    throw new Error(`the contract has no operation ${strangers.join(', ')}`);
  }

  const recorder = createCallRecorder();
  const faults = createFaults(names, parseRestFault, REST_FAULTS);
  const app = Fastify({ bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true });
  app.setValidatorCompiler(createValidatorCompiler(contract));
  app.setSchemaErrorFormatter(describeViolation);
  answerProblems(app);
  addControlRoutes(app, recorder.counter, faults);
  app.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      try {
        return await readForm(body, String(request.headers['content-type']));
      } catch {
        throw new Problem(400, 'The body is not the form that its content type says');
      }
    },
  );
  app.decorateRequest('visit', null);
  app.addHook('onRequest', async (request, reply) => {
    const { operation } = request.routeOptions.config;
    if (operation !== undefined) {
      request.visit = beginVisit(operation, request, reply, recorder.record);
    }
  });
  app.addHook('preValidation', async (request) => {
    if (request.visit !== null && request.body !== undefined) {
      request.visit.call.input['body'] = request.body;
    }
  });

  for (const operation of operations) {
    const handler = options.handlers[operation.name];
    if (handler === undefined) {
      throw new Error(`the operation ${operation.name} has no handler`);
    }
    app.route({
      method: operation.method,
      url: routeOf(operation),
      schema: requestSchemaOf(contract, operation),
      config: { operation: operation.name },
      preValidation: async (request) => splitLists(request.query as Record<string, unknown>, operation),
      handler: async (request, reply) => {
        const { visit } = request;
        if (visit === null) {
          throw new Error('a request got past its first hook');
        }
        const { 'x-delay-ms': delay, 'x-fault': fault } = visit.headers;
        return await answer(request, reply, visit, faults.plan(operation.name, { delay, fault }), handler);
      },
    });
  }

  await app.listen({ host: options.host, port: options.port });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${authorityOf(options.host, port)}`,
    port,
    calls: recorder.counter,
    faults,
    [Symbol.asyncDispose]: async () => await app.close(),
  };
}

/** Lists that the contract writes as one text become lists. */
function splitLists(query: Record<string, unknown>, { parameters }: ContractOperation): void {
  for (const { name, separator } of parameters) {
    const value = query[name];
    if (separator !== undefined && Array.isArray(value)) {
      throw new Problem(400, `querystring/${name} must be one text`);
    }
    if (separator !== undefined && typeof value === 'string') {
      query[name] = value.split(separator);
    }
  }
}

/** The path of an operation as Fastify writes it. */
function routeOf(operation: ContractOperation): string {
  return operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
}
