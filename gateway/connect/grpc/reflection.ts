/** What a server says of itself by server reflection (grpc/grpc doc/server-reflection.md): version 1, or the one before it. */
import protobuf from 'protobufjs';
import { GatewayError } from '../../errors.ts';
import { abortFault } from '../chain/abort.ts';
import { payloadFault, statusFault } from './outcome.ts';
import { createGrpcTransport, type GrpcTransport } from './transport.ts';

export type ReflectionOptions = {
  /** Name for errors. */
  source: string;
  /** `host:port`, or with `grpcs://` in front over TLS. */
  address: string;
  metadata: ReadonlyMap<string, string>;
  /** Time for the whole of it, in ms (default 30 000). */
  timeoutMs?: number;
};

/** A FileDescriptorSet, and services that the server lists but says nothing of. */
export type Reflected = { bytes: Uint8Array; undescribed: string[] };

type Ask = { list_services: string } | { file_containing_symbol: string } | { file_by_filename: string };
type Answer = {
  message_response?: 'list_services_response' | 'file_descriptor_response' | 'error_response';
  list_services_response?: { service: { name: string }[] };
  file_descriptor_response?: { file_descriptor_proto: Uint8Array[] };
  error_response?: { error_code: number; error_message: string };
};
type File = { name: string; dependency: string[] };

const VERSIONS = ['v1', 'v1alpha'] as const;
const MAX_SERVICES = 1000;
const MAX_FILES = 2000;
const MAX_BYTES = 64 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;
/** The service that answers is not what anyone wants to call through the gateway. */
const ITSELF = /^grpc\.reflection\./;

const messages = protobuf.Root.fromJSON({
  nested: {
    Request: {
      oneofs: { message_request: { oneof: ['file_by_filename', 'file_containing_symbol', 'list_services'] } },
      fields: {
        file_by_filename: { type: 'string', id: 3 },
        file_containing_symbol: { type: 'string', id: 4 },
        list_services: { type: 'string', id: 7 },
      },
    },
    Response: {
      oneofs: { message_response: { oneof: ['file_descriptor_response', 'list_services_response', 'error_response'] } },
      fields: {
        file_descriptor_response: { type: 'Files', id: 4 },
        list_services_response: { type: 'Services', id: 6 },
        error_response: { type: 'Problem', id: 7 },
      },
    },
    Files: { fields: { file_descriptor_proto: { rule: 'repeated', type: 'bytes', id: 1 } } },
    Services: { fields: { service: { rule: 'repeated', type: 'Service', id: 1 } } },
    Service: { fields: { name: { type: 'string', id: 1 } } },
    Problem: { fields: { error_code: { type: 'int32', id: 1 }, error_message: { type: 'string', id: 2 } } },
    File: { fields: { name: { type: 'string', id: 1 }, dependency: { rule: 'repeated', type: 'string', id: 3 } } },
    Set: { fields: { file: { rule: 'repeated', type: 'bytes', id: 1 } } },
  },
});

/**
 * Fetches the descriptors of all services of a server, with everything they import, as a FileDescriptorSet.
 * @throws GatewayError SOURCE_UNAVAILABLE when the address cannot be understood or the server has no reflection, UPSTREAM_… when it
 *   fails or answers something else, UPSTREAM_TIMEOUT when it takes too long
 */
export async function fetchDescriptorSet(options: ReflectionOptions): Promise<Reflected> {
  const { source, address, metadata, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const transport = createGrpcTransport({ source, endpoints: [address], maxBodyBytes: MAX_BYTES });
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new GatewayError('UPSTREAM_TIMEOUT', { source })), timeoutMs);
  const session: Session = { transport, source, metadata, timeoutMs, signal: controller.signal };
  try {
    for (const version of VERSIONS) {
      const services = await ask(session, version, [{ list_services: '*' }]);
      if (services !== undefined) return await collect(session, version, services[0]);
    }
    const message = `${address} does not answer reflection: add the service from its .proto files or a descriptor set.`;
    throw new GatewayError('SOURCE_UNAVAILABLE', { source, message });
  } catch (cause) {
    throw controller.signal.aborted ? abortFault(controller.signal, source) : cause;
  } finally {
    clearTimeout(timer);
    await transport[Symbol.asyncDispose]();
  }
}

type Session = {
  transport: GrpcTransport;
  source: string;
  metadata: ReadonlyMap<string, string>;
  timeoutMs: number;
  signal: AbortSignal;
};

async function collect(session: Session, version: string, list: Answer | undefined): Promise<Reflected> {
  const listed = list?.list_services_response?.service.map(({ name }) => name) ?? [];
  const services = [...new Set(listed)].filter((name) => !ITSELF.test(name)).sort();
  if (services.length === 0) throw unusable(session, 'names no service but reflection');
  if (services.length > MAX_SERVICES) throw unusable(session, `names more than ${MAX_SERVICES} services`);
  const files = new Map<string, { bytes: Uint8Array; dependency: string[] }>();
  let size = 0;
  let wanted: Ask[] = services.map((name) => ({ file_containing_symbol: name }));
  const asked = new Set<string>();
  const undescribed = new Set<string>();
  while (wanted.length > 0) {
    const answers = (await ask(session, version, wanted)) ?? [];
    for (const [index, answer] of answers.entries()) {
      const question = wanted[index];
      if (!answer.file_descriptor_response && question && 'file_containing_symbol' in question)
        undescribed.add(question.file_containing_symbol);
      // A file that the server does not have itself (Google's, mostly) is noted when the set is read.
      for (const bytes of answer.file_descriptor_response?.file_descriptor_proto ?? []) {
        const { name, dependency } = fileOf(bytes, session);
        if (files.has(name)) continue;
        files.set(name, { bytes, dependency });
        size += bytes.length;
        if (files.size > MAX_FILES || size > MAX_BYTES)
          throw unusable(session, 'describes more than 2000 files or 64 MiB');
      }
    }
    const missing = new Set([...files.values()].flatMap(({ dependency }) => dependency));
    wanted = [...missing]
      .filter((name) => !files.has(name) && !asked.has(name))
      .map((name) => ({ file_by_filename: name }));
    for (const each of wanted) if ('file_by_filename' in each) asked.add(each.file_by_filename);
  }
  if (files.size === 0) throw unusable(session, 'describes none of its services');
  const file = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { bytes }]) => bytes);
  const set = messages.lookupType('Set');
  return { bytes: set.encode(set.create({ file })).finish(), undescribed: [...undescribed] };
}

/** The answers to questions, in their order; undefined where the server does not know this version. */
async function ask(session: Session, version: string, questions: readonly Ask[]): Promise<Answer[] | undefined> {
  const { transport, source, metadata, timeoutMs, signal } = session;
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  const target = { source, target: transport.target, path };
  const request = messages.lookupType('Request');
  const sent = questions.map((question) => Buffer.from(request.encode(request.create(question)).finish()));
  const exchange = transport.exchange({ path, messages: sent, headers: metadata, remainingMs: timeoutMs }, signal);
  const answers: Answer[] = [];
  try {
    for (;;) {
      const step = await exchange.next();
      if (step.done) {
        if (step.value?.name === 'UNIMPLEMENTED') return undefined;
        if (step.value) throw statusFault(step.value, target);
        return answers;
      }
      answers.push(decoded(step.value, target));
      // Servers may leave the stream open although no question can follow.
      if (answers.length === questions.length) return answers;
    }
  } finally {
    await exchange.return(undefined);
  }
}

function decoded(bytes: Buffer, target: Parameters<typeof payloadFault>[1]): Answer {
  try {
    return messages.lookupType('Response').decode(bytes) as unknown as Answer;
  } catch (cause) {
    throw payloadFault(cause, target);
  }
}

function fileOf(bytes: Uint8Array, { source, transport }: Session): File {
  try {
    return messages.lookupType('File').decode(bytes) as unknown as File;
  } catch (cause) {
    throw payloadFault(cause, { source, target: transport.target, path: '' });
  }
}

function unusable({ source, transport }: Session, what: string): GatewayError {
  return new GatewayError('SOURCE_UNAVAILABLE', { source, message: `${transport.target} ${what}.` });
}
