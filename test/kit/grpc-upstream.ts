/** A real gRPC upstream, from the text of its .proto and a list of expected exchanges. */
import type { handleUnaryCall, MethodDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { Method, NamespaceBase } from 'protobufjs';
import protobuf from 'protobufjs';
import type { Exchange } from './exchange.ts';
import { openLedger } from './exchange.ts';
import type { Upstream } from './upstream.ts';

type Message = Record<string, unknown>;

/** Messages are compared and given as ProtoJSON with the names of the .proto: 64-bit numbers and bytes are text, enums are names. */
const conversion = { longs: String, bytes: String, enums: String };

/** @param proto text of the contract; without imports */
export async function startGrpc(name: string, proto: string, exchanges: readonly Exchange[]): Promise<Upstream> {
  const ledger = openLedger(name, exchanges);
  const server = new Server();
  let cancelled = 0;
  for (const [service, methods] of servicesOf(proto)) {
    const definition: Record<string, MethodDefinition<Message, Message>> = {};
    const implementation: UntypedServiceImplementation = {};
    for (const method of methods) {
      const { resolvedRequestType: requestType, resolvedResponseType: responseType } = method;
      if (requestType == null || responseType == null) throw new Error(`${method.name} has no types`);
      const path = `${service}/${method.name}`;
      definition[method.name] = {
        path: `/${path}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: (message: Message) =>
          Buffer.from(requestType.encode(requestType.fromObject(message)).finish()),
        requestDeserialize: (bytes: Buffer) => requestType.toObject(requestType.decode(bytes), conversion),
        responseSerialize: (message: Message) =>
          Buffer.from(responseType.encode(responseType.fromObject(message)).finish()),
        responseDeserialize: (bytes: Buffer) => responseType.toObject(responseType.decode(bytes), conversion),
      };
      const handle: handleUnaryCall<Message, Message> = (call, reply) => {
        call.once('cancelled', () => {
          cancelled += 1;
        });
        const headers = call.metadata.getMap();
        const given = ledger.take({ request: path, headers, body: call.request, text: '' });
        if (given?.never === true) return;
        const failed = given === undefined ? 'UNIMPLEMENTED' : given.error;
        if (failed === undefined) return reply(null, (given?.body ?? {}) as Message);
        const code = status[failed as keyof typeof status];
        reply({ code, details: `${name} says no`, metadata: new Metadata(), name: failed, message: failed });
      };
      implementation[method.name] = handle;
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

function servicesOf(proto: string): Map<string, Method[]> {
  const { root } = protobuf.parse(proto, { keepCase: true });
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
