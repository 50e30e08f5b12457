import { Client, credentials } from '@grpc/grpc-js';
import type { Service } from 'protobufjs';
import protobuf from 'protobufjs';

/** Calls one unary method; the answer is a plain object with camelCase names. */
export type GrpcClient = (method: string, request: object) => Promise<Record<string, unknown>>;

/**
 * A client for one service of a .proto over one channel.
 *
 * @param protoPath the contract
 * @param serviceName with its package
 */
export async function createGrpcClient(protoPath: string, serviceName: string, port: number): Promise<GrpcClient> {
  const root = await new protobuf.Root().load(protoPath);
  const service: Service = root.lookupService(serviceName);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return (methodName, request) => {
    const method = service.methods[methodName];
    method?.resolve();
    const input = method?.resolvedRequestType;
    const output = method?.resolvedResponseType;
    if (!input || !output) return Promise.reject(new Error(`no method ${methodName}`));
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        `/${serviceName}/${methodName}`,
        (message: object) => Buffer.from(input.encode(input.fromObject(message)).finish()),
        (bytes: Buffer) => output.toObject(output.decode(bytes), { longs: String, enums: String, arrays: true }),
        request,
        (error, value) => (error ? reject(error) : resolve(value ?? {})),
      );
    });
  };
}
