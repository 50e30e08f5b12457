/** A gRPC upstream whose methods are functions of decoded messages, and a connector to it as the real import makes it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { buildASTSchema, type DocumentNode, Kind, parse, visit } from 'graphql';
import protobuf from 'protobufjs';
import { buildDefaults } from '../../../gateway/config/build.ts';
import { policySchema } from '../../../gateway/config/policy.ts';
import type { ConnectorOperation, ConnectorOptions } from '../../../gateway/connect/connector.ts';
import type { GrpcChoices } from '../../../gateway/ingest/grpc/annotate.ts';
import { readGrpcSource } from '../../../gateway/ingest/grpc/handler.ts';
import type { HandlerParams, SourceProduct } from '../../../gateway/ingest/handlers.ts';
import { directivesNamed } from '../../../gateway/lib/sdl.ts';
import { SOURCE } from './kit.ts';

export type GrpcCall = ServerUnaryCall<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;
/**
 * Gets the message as protobufjs decodes it, or all of them where requests are a stream; answers with an object, with bytes as they
 * are to be sent, or with an iterable of either where answers are a stream.
 */
export type GrpcHandler = (message: Record<string, unknown>, call: GrpcCall) => unknown;

export type GrpcUpstream = {
  address: string;
  /** Calls whose client went away before they were answered. */
  cancelled: () => number;
  [Symbol.asyncDispose](): Promise<void>;
};

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
): Promise<GrpcUpstream> {
  const root = parsed(proto);
  const service = root.lookupService(serviceName);
  const same = (bytes: Buffer): Buffer => bytes;
  const methods = service.methodsArray.map((method) => method.resolve() as protobuf.Method);
  let cancelled = 0;
  const definitions = methods.map((method) => {
    const isStream = method.requestStream === true || method.responseStream === true;
    const definition = {
      path: `/${serviceName}/${method.name}`,
      // A method with one stream is spoken as one with two: on the wire they are the same.
      requestStream: isStream,
      responseStream: isStream,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    return [method.name, definition] as const;
  });
  const implementation = methods.map((method) => {
    const { resolvedRequestType: request, resolvedResponseType: response } = method;
    if (!request || !response) throw new Error(`the types of ${method.name} are not known`);
    const decode = (bytes: Buffer): Record<string, unknown> =>
      request.toObject(request.decode(bytes), { longs: String, enums: String, bytes: String });
    const encode = (answer: unknown): Buffer => {
      if (Buffer.isBuffer(answer)) return answer;
      return Buffer.from(
        response
          .encode(response.fromObject(Object.assign(Object.create(null), answer) as Record<string, unknown>))
          .finish(),
      );
    };
    const refusal = (error: unknown): { code: number; details: string; metadata: Metadata } => ({
      code: error instanceof Refusal ? error.code : 13,
      details: error instanceof Error ? error.message : 'unknown',
      metadata: error instanceof Refusal && 'metadata' in error ? (error.metadata as Metadata) : new Metadata(),
    });
    const count = (): void => {
      cancelled += 1;
    };
    const unary = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void => {
      call.once('cancelled', count);
      Promise.resolve()
        .then(() => handlers[method.name]?.(decode(call.request), call))
        .then((answer) => reply(null, encode(answer)))
        .catch((error: unknown) => reply(refusal(error)));
    };
    const stream = async (call: ServerDuplexStream<Buffer, Buffer>): Promise<void> => {
      call.once('cancelled', count);
      const received: Record<string, unknown>[] = [];
      try {
        // An iterator would destroy the stream when the client has said all, and with it the answer.
        call.on('data', (bytes: Buffer) => received.push(decode(bytes)));
        await new Promise((resolve) => call.once('end', resolve));
        const [first = {}] = received;
        const input = method.requestStream ? (received as unknown as Record<string, unknown>) : first;
        const answer = await handlers[method.name]?.(input, call);
        if (!method.responseStream) call.write(encode(answer));
        else
          for await (const each of answer as AsyncIterable<unknown>) {
            if (call.cancelled) return;
            if (!call.write(encode(each))) await new Promise((resolve) => call.once('drain', resolve));
          }
        call.end();
      } catch (error) {
        call.emit('error', refusal(error));
      }
    };
    return [method.name, method.requestStream || method.responseStream ? stream : unary] as const;
  });
  const server = new Server();
  server.addService(Object.fromEntries(definitions), Object.fromEntries(implementation));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    cancelled: () => cancelled,
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

/** What the import of a proto's text gives. */
export async function importProto(proto: string, choices: Partial<GrpcChoices> = {}): Promise<SourceProduct> {
  const dir = mkdtempSync(join(tmpdir(), 'connect-'));
  try {
    writeFileSync(join(dir, 'test.proto'), proto);
    const params = { name: SOURCE, config: { source: './test.proto' }, baseDir: dir } as unknown as HandlerParams;
    const none = {
      fieldOf: new Map(),
      kindOf: new Map(),
      exposure: { isServed: () => true, notes: () => [] },
      listed: new Set<string>(),
    };
    return await readGrpcSource(params, { ...none, ...choices }, buildDefaults);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Options of a connector for an imported contract. */
export function connectorOptions(
  product: SourceProduct,
  { policy, ...rest }: Partial<Omit<ConnectorOptions, 'policy'>> & { policy?: unknown } = {},
): ConnectorOptions {
  return {
    source: SOURCE,
    endpoints: [],
    operations: operationsOf(product.document),
    policy: policySchema.parse(policy ?? {}),
    headers: {},
    headerRules: { forward: [], set: {} },
    roots: product.roots ?? [],
    maxBodyBytes: 1_000_000,
    now: Date.now,
    ...rest,
  };
}

function operationsOf(document: DocumentNode): ConnectorOperation[] {
  const known = new Set(document.definitions.flatMap((node) => ('name' in node && node.name ? [node.name.value] : [])));
  const missing = new Set<string>();
  visit(document, { NamedType: ({ name }) => void (known.has(name.value) || missing.add(name.value)) });
  const scalars = parse([...missing].map((name) => `scalar ${name}`).join('\n')).definitions;
  const filled = document.definitions.filter((node) => !('fields' in node) || (node.fields?.length ?? 0) > 0);
  const schema = buildASTSchema(
    { kind: Kind.DOCUMENT, definitions: [...filled, ...scalars] },
    { assumeValidSDL: true, assumeValid: true },
  );
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  return roots.flatMap(([kind, type]) =>
    Object.values(type?.getFields() ?? {}).flatMap((field) => {
      const [wire] = directivesNamed(field.astNode, 'grpcMethod');
      return wire ? [{ name: field.name, kind, field, wire }] : [];
    }),
  );
}

/** Descriptors of a proto without imports of its own, as JSON. */
export function rootJsonOf(proto: string): string {
  return JSON.stringify(parsed(proto).toJSON());
}

function parsed(proto: string): protobuf.Root {
  const dir = mkdtempSync(join(tmpdir(), 'connect-'));
  try {
    const file = join(dir, 'test.proto');
    writeFileSync(file, proto);
    return new protobuf.Root().loadSync(file, { keepCase: true });
  } finally {
    rmSync(dir, { recursive: true });
  }
}
