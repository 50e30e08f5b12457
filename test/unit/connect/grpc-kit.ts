/** A gRPC upstream whose methods are functions of decoded messages, and the descriptors a connector needs to call it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

export type GrpcCall = ServerUnaryCall<Buffer, Buffer>;
/** Gets the message as protobufjs decodes it; answers with an object or with bytes as they are to be sent. */
export type GrpcHandler = (message: Record<string, unknown>, call: GrpcCall) => unknown;

/** Descriptors as an import makes them: JSON of a root with the names of the proto. */
export function rootJsonOf(proto: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'connect-'));
  try {
    const file = join(dir, 'test.proto');
    writeFileSync(file, proto);
    return JSON.stringify(new protobuf.Root().loadSync(file, { keepCase: true }).toJSON());
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A refusal with a gRPC status. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;

  constructor(code: number, details: string) {
    super(details);
    this.code = code;
  }
}

/** Serves one service of a proto on a free port. */
export async function startGrpcUpstream(
  proto: string,
  serviceName: string,
  handlers: Readonly<Record<string, GrpcHandler>>,
): Promise<{ address: string; [Symbol.asyncDispose](): Promise<void> }> {
  const root = protobuf.Root.fromJSON(JSON.parse(rootJsonOf(proto)) as protobuf.INamespace).resolveAll();
  const service = root.lookupService(serviceName);
  const same = (bytes: Buffer): Buffer => bytes;
  const definitions = service.methodsArray.map((method) => {
    const definition = {
      path: `/${serviceName}/${method.name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    return [method.name, definition] as const;
  });
  const implementation = service.methodsArray.map((method) => {
    const { resolvedRequestType: request, resolvedResponseType: response } = method;
    if (!request || !response) throw new Error(`the types of ${method.name} are not known`);
    const handle = async (call: GrpcCall): Promise<Buffer> => {
      const message = request.toObject(request.decode(call.request), { longs: String, enums: String, bytes: String });
      const answer = await handlers[method.name]?.(message, call);
      if (Buffer.isBuffer(answer)) return answer;
      return Buffer.from(response.encode(response.fromObject((answer ?? {}) as Record<string, unknown>)).finish());
    };
    const serve = (call: GrpcCall, reply: sendUnaryData<Buffer>): void => {
      handle(call).then(
        (bytes) => reply(null, bytes),
        (error: unknown) =>
          reply({
            code: error instanceof Refusal ? error.code : 13,
            details: error instanceof Error ? error.message : 'unknown',
            metadata: new Metadata(),
          }),
      );
    };
    return [method.name, serve] as const;
  });
  const server = new Server();
  server.addService(Object.fromEntries(definitions), Object.fromEntries(implementation));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}
