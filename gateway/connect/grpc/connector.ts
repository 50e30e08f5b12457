import { GatewayError } from '../../errors.ts';
import { type AccessOptions, createAccess } from '../auth/access.ts';
import { abortFault } from '../chain/abort.ts';
import { bytesIn, refuseAbove } from '../chain/request-size.ts';
import type { Call, CallResult, Connector } from '../connector.ts';
import { createHeaders } from '../headers.ts';
import { argumentsKey } from '../key.ts';
import { createPassings, pickFields } from '../response-headers.ts';
import { type GrpcTarget, payloadFault, statusFault } from './outcome.ts';
import { type PreparedMethod, prepareMethod, readRoots } from './prepare.ts';
import { createDetailsReader } from './status-details.ts';
import { createStream } from './stream.ts';
import { createGrpcTransport, type GrpcReply } from './transport.ts';

const NOTHING = Buffer.alloc(0);
/** Longest request whose answer is looked for among those that came before, in bytes. */
const LONGEST_KEY = 16_384;

/**
 * Calls the methods of a gRPC source over one channel. Answers have the names of the proto: 64-bit integers and bytes (base64) as
 * text, enums by name, defaults filled in, what is absent null, a oneof as `{ '@case': member, [member]: value }`.
 *
 * `call` makes one answer of one message or a list of them, `stream` a message for each the upstream sends. Both fail with our
 * codes alone; what was sent and what came back stand in `cause`, for the log.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is no usable endpoint or the descriptors lack a method
 */
export function createGrpcConnector(options: AccessOptions): Connector {
  const { source, policy, now, unchanged } = options;
  const roots = readRoots(options.roots, source);
  const operations = new Map(options.operations.map((each) => [each.name, prepareMethod(each, roots, source)]));
  const headersOf = createHeaders(options);
  const access = createAccess('grpc', options);
  const passingOf = createPassings(policy);
  const keepalive = { afterMs: policy.connections.keepaliveMs };
  const transport = createGrpcTransport({ ...options, tls: policy.tlsMaterial, keepalive });
  const detailsOf = policy.errors.expose === 'problem' ? createDetailsReader(transport.target) : undefined;
  const prepared = (call: Call): PreparedMethod => {
    const operation = operations.get(call.operation);
    if (!operation) throw new GatewayError('INTERNAL', { source, cause: `no operation ${call.operation}` });
    return operation;
  };
  const stream = createStream({ ...options, transport, headersOf, access, prepared, detailsOf });

  return {
    source,
    kind: 'grpc',
    stream,
    keyOf: (call) => {
      const operation = operations.get(call.operation);
      if (!operation) return undefined;
      const { path, form, takesMask } = operation;
      const wire = `${transport.target} ${path} ${form}`;
      const key = argumentsKey(call, (each) => access.keyed(each, headersOf(each, [], true)), wire);
      const isMasked = key && call.mask && takesMask;
      // Names of a proto hold no comma.
      return isMasked ? { ...key, text: `${key.text}\n${[...(call.mask ?? [])].sort().join()}` } : key;
    },
    call: async (call) => {
      const operation = prepared(call);
      const { path } = operation;
      const target: GrpcTarget = { source, target: transport.target, path };
      if (operation.responseStream) throw new GatewayError('INTERNAL', { source, cause: `${path} answers a stream` });
      const messages = operation.encode(call.args, call.mask);
      refuseAbove(options, call, bytesIn(messages));
      const passing = passingOf?.(call.operation);
      let passed: Pick<CallResult, 'passed'> | undefined;
      const onHead = passing && take;
      function take(head: Readonly<Record<string, string[]>>): void {
        if (passing) passed = { passed: pickFields(passing, head) };
      }
      let reply: GrpcReply;
      let sent: ReadonlyMap<string, string> = new Map();
      try {
        const [message = NOTHING] = messages;
        reply = await access.send(call, headersOf(call), isRefused, (headers) => {
          sent = headers;
          const remainingMs = Math.max(0, call.deadline - now());
          return operation.requestStream
            ? only(transport.exchange({ path, headers, onHead, remainingMs, messages }, call.signal))
            : transport.send({ path, headers, onHead, remainingMs, message }, call.signal);
        });
      } catch (cause) {
        throw call.signal.aborted ? abortFault(call.signal, source) : cause;
      }
      if ('code' in reply) {
        const lenient = policy.operations[call.operation]?.notFound === 'null';
        if (lenient && reply.name === 'NOT_FOUND') return { data: null, status: reply.code, bytes: 0, ...passed };
        throw statusFault(reply, target, detailsOf?.(reply, sent));
      }
      const { message } = reply;
      const [asked = NOTHING] = messages;
      const make = () => decoded(operation, message, target);
      const isLookedFor = unchanged && call.idempotent && asked.length <= LONGEST_KEY;
      const data = isLookedFor ? unchanged.read(`${path} ${asked.toString('latin1')}`, message, make) : make();
      return { data, status: 0, bytes: message.length, ...passed };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([access[Symbol.asyncDispose](), transport[Symbol.asyncDispose]()]);
    },
  };

  /** The one message that a stream of requests is answered with. */
  async function only(exchange: ReturnType<typeof transport.exchange>): Promise<GrpcReply> {
    let message: Buffer | undefined;
    for (;;) {
      const { value, done } = await exchange.next();
      if (!done && message === undefined) message = value;
      else if (!done || !(value ?? message)) {
        await exchange.return(undefined);
        throw new GatewayError('UPSTREAM_BAD_PAYLOAD', { source, cause: 'not one message' });
      } else return (value as Exclude<GrpcReply, { message: Buffer }> | undefined) ?? { message: message as Buffer };
    }
  }
}

function isRefused(reply: GrpcReply): boolean {
  return 'code' in reply && reply.name === 'UNAUTHENTICATED';
}

function decoded(operation: PreparedMethod, message: Buffer, target: GrpcTarget): unknown {
  try {
    return operation.decode(message);
  } catch (cause) {
    throw payloadFault(cause, target);
  }
}
