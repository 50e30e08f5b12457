/** A real gRPC upstream, from the text of its .proto and a list of expected exchanges. */
import type {
  handleBidiStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { Method, NamespaceBase } from 'protobufjs';
import protobuf from 'protobufjs';
import type { Exchange, ExpectedAnswer, Ledger } from './exchange.ts';
import { openLedger } from './exchange.ts';
import type { Upstream } from './upstream.ts';

type Message = Record<string, unknown>;
type Site = { name: string; path: string; ledger: Ledger; onCancel: () => void };

/** Messages are compared and given as ProtoJSON with the names of the .proto: 64-bit numbers and bytes are text, enums are names. */
const conversion = { longs: String, bytes: String, enums: String };

/**
 * Where requests are a stream, `body` of an exchange is the list of them. Where answers are one, `body` of its answer is the list of
 * messages; `error` comes after them, and with `never` the stream stays open after them.
 *
 * @param proto text of the contract; without imports but of well-known types
 */
export async function startGrpc(name: string, proto: string, exchanges: readonly Exchange[]): Promise<Upstream> {
  const ledger = openLedger(name, exchanges);
  const server = new Server();
  let cancelled = 0;
  const onCancel = (): void => {
    cancelled += 1;
  };
  for (const [service, methods] of servicesOf(proto)) {
    const definition: Record<string, MethodDefinition<Message, Message>> = {};
    const implementation: UntypedServiceImplementation = {};
    for (const method of methods) {
      const path = `${service}/${method.name}`;
      const site = { name, path, ledger, onCancel };
      const isStream = method.requestStream === true || method.responseStream === true;
      definition[method.name] = definitionOf(method, path, isStream);
      implementation[method.name] = isStream ? streaming(site, method) : unary(site);
    }
    server.addService(definition, implementation);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    endpoint: `127.0.0.1:${port}`,
    ledger,
    cancelled: () => cancelled,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

function unary({ name, path, ledger, onCancel }: Site): handleUnaryCall<Message, Message> {
  return (call, reply) => {
    call.once('cancelled', onCancel);
    const given = ledger.take({ request: path, headers: call.metadata.getMap(), body: call.request, text: '' });
    if (given?.never === true) return;
    const refusal = refusalOf(name, given);
    if (refusal) reply(refusal);
    else reply(null, (given?.body ?? {}) as Message);
  };
}

/** A method with one stream is spoken as one with two: on the wire they are the same. */
function streaming({ name, path, ledger, onCancel }: Site, method: Method): handleBidiStreamingCall<Message, Message> {
  return (call) => {
    call.once('cancelled', onCancel);
    const received: Message[] = [];
    call.on('data', (message: Message) => received.push(message));
    call.on('end', () => {
      const body = method.requestStream === true ? received : received[0];
      const given = ledger.take({ request: path, headers: call.metadata.getMap(), body, text: '' });
      for (const message of messagesOf(given?.body)) call.write(message);
      if (given?.never === true) return;
      const refusal = refusalOf(name, given);
      if (refusal) call.emit('error', refusal);
      else call.end();
    });
  };
}

function messagesOf(body: unknown): Message[] {
  return (Array.isArray(body) ? body : body === undefined ? [] : [body]) as Message[];
}

/** The status of an answer that is an error, or of a call that nobody expected. */
function refusalOf(
  name: string,
  given: ExpectedAnswer | undefined,
): (Error & { code: status; details: string; metadata: Metadata }) | undefined {
  const failed = given === undefined ? 'UNIMPLEMENTED' : given.error;
  if (failed === undefined) return undefined;
  const code = status[failed as keyof typeof status];
  return { code, details: `${name} says no`, metadata: new Metadata(), name: failed, message: failed };
}

function definitionOf(method: Method, path: string, isStream: boolean): MethodDefinition<Message, Message> {
  const { resolvedRequestType: requestType, resolvedResponseType: responseType } = method;
  if (requestType == null || responseType == null) throw new Error(`${method.name} has no types`);
  return {
    path: `/${path}`,
    requestStream: isStream,
    responseStream: isStream,
    requestSerialize: (message) => Buffer.from(requestType.encode(requestType.fromObject(message)).finish()),
    requestDeserialize: (bytes) => requestType.toObject(requestType.decode(bytes), conversion),
    responseSerialize: (message) => Buffer.from(responseType.encode(responseType.fromObject(message)).finish()),
    responseDeserialize: (bytes) => responseType.toObject(responseType.decode(bytes), conversion),
  };
}

function servicesOf(proto: string): Map<string, Method[]> {
  const { root, imports = [] } = protobuf.parse(proto, { keepCase: true });
  for (const file of imports) root.addJSON(protobuf.common.get(file)?.nested ?? {});
  root.resolveAll();
  const found = new Map<string, Method[]>();
  const visit = (space: NamespaceBase): void => {
    for (const nested of space.nestedArray) {
      if (nested instanceof protobuf.Service) found.set(nested.fullName.slice(1), nested.methodsArray);
      else if (nested instanceof protobuf.Namespace) visit(nested);
    }
  };
  visit(root);
  return found;
}
