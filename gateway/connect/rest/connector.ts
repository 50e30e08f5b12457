import { GatewayError } from '../../errors.ts';
import { type AccessOptions, createAccess } from '../auth/access.ts';
import { abortFault } from '../chain/abort.ts';
import { bytesIn, refuseAbove } from '../chain/request-size.ts';
import type { Call, Connector, ConnectorOperation, ConnectorOptions } from '../connector.ts';
import { createHeaders } from '../headers.ts';
import { httpKey } from '../key.ts';
import { createPassings, pickFields } from '../response-headers.ts';
import { type BodyPieces, uploadsIn } from '../upload.ts';
import { readAnswer } from './answer.ts';
import { createDecimalReaders, type JsonReader } from './decimals.ts';
import { type HttpAnswer, type HttpTarget, headOf, payloadFault, statusFault, transportFault } from './outcome.ts';
import { type PreparedRestOperation, prepareRestOperation, type RestRequest } from './prepare.ts';
import { type ErrorShapes, readErrorShapes, readProblem } from './problem.ts';
import { createHttpTransport } from './transport.ts';

/**
 * Calls the operations of a REST source. Answers come back as JSON without loss (64-bit integers that a double cannot hold are
 * strings of digits), sequences of JSON as lists, text as string, anything else as base64; no content is null.
 *
 * Fails with our codes alone; what was sent and what came back stand in `cause`, for the log.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is no usable endpoint
 */
export function createRestConnector(options: AccessOptions): Connector {
  const { source, policy, unchanged } = options;
  const transport = createHttpTransport({
    ...options,
    tls: policy.tlsMaterial,
    maxConnections: policy.connections.max,
    pipelining: policy.connections.pipelining,
  });
  const access = createAccess('rest', options);
  const headersOf = createHeaders(options, { 'user-agent': 'tributary' });
  const isTold = policy.errors.expose === 'problem';
  const passingOf = createPassings(policy);
  const fields = options.operations.map(({ field }) => field);
  const readerOf = createDecimalReaders(fields, options.schema, source);
  const operations = new Map(
    options.operations.map((operation) => [
      operation.name,
      prepare(operation, source, policy, readerOf(operation.field)),
    ]),
  );

  const requestOf = ({ accept, build }: Prepared, call: Call, forKey = false) => {
    const { path, headers: own, body } = build(call.args);
    return { path, headers: headersOf(call, [['accept', accept ?? '*/*'], ...own], forKey), body };
  };

  /** What was asked for with another body, or changes something, is not looked for among answers that came before. */
  const read = (answer: HttpAnswer, operation: Prepared, { operation: name }: Call, path: string): unknown => {
    const make = () => operation.told(answer.status, readAnswer(answer, operation));
    if (!unchanged || operation.method !== 'GET') return make();
    return unchanged.read(`${name} ${answer.status} ${answer.headers['content-type']} ${path}`, answer.body, make);
  };

  return {
    source,
    kind: 'rest',
    keyOf: (call) => {
      const operation = operations.get(call.operation);
      if (!operation) return undefined;
      const { path, headers, body } = requestOf(operation, call, true);
      return httpKey(call.operation, {
        method: operation.method,
        url: transport.keyUrlOf(path),
        headers: access.keyed(call, headers),
        // A file is nobody else's, whatever is in it.
        body: isInPieces(body)
          ? uploadsIn(call.args)
              .map(({ id }) => id)
              .join()
          : body,
      });
    },
    call: async (call) => {
      const operation = operations.get(call.operation);
      if (!operation) throw new GatewayError('INTERNAL', { source, cause: `no operation ${call.operation}` });
      const { method } = operation;
      const { path, headers, body } = requestOf(operation, call);
      refuseAbove(options, call, bytesOf(body));
      for (const [name, value] of call.conditions ?? []) headers.set(name, value);
      const target = (): HttpTarget => ({ source, method, url: transport.urlOf(path) });
      let answer: HttpAnswer;
      let proven: ReadonlyMap<string, string> = headers;
      let once: Promise<HttpAnswer> | undefined;
      try {
        answer = await access.send(call, headers, isRefused, (sent) => {
          // What was sent in pieces is gone: another credential does not bring it back.
          if (once && isInPieces(body)) return once;
          proven = sent;
          const request = { method, path: access.signed(path, call.operation), headers: sent, body };
          once = transport.send(request, call.signal);
          return once;
        });
      } catch (cause) {
        const fault = call.signal.aborted ? abortFault(call.signal, source) : transportFault(cause, target());
        if (isInPieces(body)) noteFault(call, fault);
        throw fault;
      }
      const { status, bytes } = answer;
      const passing = passingOf?.(call.operation);
      const asked = call.conditions && { head: headOf(answer) };
      const head = passing ? { ...asked, passed: pickFields(passing, answer.headers) } : asked;
      if (status === 304 && call.conditions?.size) return { data: undefined, status, bytes, ...head };
      if (status === 404 && operation.notFoundIsNull) return { data: null, status, bytes, ...head };
      if (status < 200 || status > 299) {
        const address = new URL(transport.wireUrlOf(access.signed('/', call.operation)));
        const problem = isTold ? readProblem(answer, operation.errors, proven, address) : undefined;
        const fault = statusFault(answer, target(), problem);
        if (isInPieces(body)) noteFault(call, fault);
        throw fault;
      }
      try {
        return { data: read(answer, operation, call, path), status, bytes, ...head };
      } catch (cause) {
        throw payloadFault(answer, target(), cause);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([access[Symbol.asyncDispose](), transport[Symbol.asyncDispose]()]);
    },
  };
}

function isInPieces(body: RestRequest['body']): body is BodyPieces {
  return Array.isArray(body);
}

function bytesOf(body: RestRequest['body']): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : bytesIn(isInPieces(body) ? body : [body]);
}

function noteFault({ args }: Call, fault: GatewayError): void {
  for (const upload of uploadsIn(args)) upload.failedWith(fault);
}

function isRefused({ status }: HttpAnswer): boolean {
  return status === 401;
}

type Prepared = PreparedRestOperation & { notFoundIsNull: boolean; errors: ErrorShapes };

function prepare(
  operation: ConnectorOperation,
  source: string,
  policy: ConnectorOptions['policy'],
  json: JsonReader,
): Prepared {
  const notFoundIsNull = policy.operations[operation.name]?.notFound === 'null';
  const errors = readErrorShapes(policy.errors.expose === 'problem' ? operation.wire['errors'] : undefined);
  return { notFoundIsNull, errors, ...prepareRestOperation(operation, source, json) };
}
