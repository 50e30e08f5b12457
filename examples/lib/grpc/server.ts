import { once } from 'node:events';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { createCallRecorder } from '../call-counter.ts';
import { createFaults, FaultSettingError, HANG_LIMIT_MS } from '../faults.ts';
import { authorityOf, type RunningServer } from '../running-server.ts';
import { wait } from '../wait.ts';
import { GRPC_FAULTS, parseGrpcFault } from './faults.ts';
import { loadService, type Message } from './service.ts';

export type GrpcHandlers = Readonly<Record<string, (request: Message) => Message>>;
/** Methods that answer with a stream; the signal is aborted when the client leaves or the server stops. */
export type GrpcStreams = Readonly<Record<string, (request: Message, signal: AbortSignal) => AsyncIterable<Message>>>;

/** A refusal with a gRPC status. */
export class GrpcProblem extends Error {
  override readonly name = 'GrpcProblem';
  readonly code: status;

  /**
   * @param code gRPC status
   * @param detail a sentence for the caller
   */
  constructor(code: status, detail: string) {
    super(detail);
    this.code = code;
  }
}

/**
 * Serves one service of a proto file. Every answer (of a stream, its first message) can be delayed or broken on demand, by the
 * metadata `x-delay-ms` and `x-fault` of a call or by a setting of its method.
 *
 * @param options `proto`: the file; `service`: full name; `handlers` and `streams`: one for each method by name, no more and no
 *   fewer (throws otherwise); `port` 0 takes a free one
 */
export async function startGrpcServer(options: {
  proto: URL;
  service: string;
  handlers: GrpcHandlers;
  streams?: GrpcStreams;
  host: string;
  port: number;
}): Promise<RunningServer> {
  const service = await loadService(options.proto, options.service);
  const names = Object.keys(service);
  const { handlers, streams = {} } = options;
  const served = [...Object.keys(handlers), ...Object.keys(streams)];
  const unmatched = [
    ...names.filter((name) => !served.includes(name)),
    ...served.filter((name) => !names.includes(name)),
  ];
  if (unmatched.length > 0) {
    throw new Error(`methods and handlers do not match: ${unmatched.join(', ')}`);
  }

  const recorder = createCallRecorder();
  const faults = createFaults(names, parseGrpcFault, GRPC_FAULTS);
  const stopped = new AbortController();

  /** Runs `work` with what was asked for done before, and a signal that says when nobody waits any more. */
  async function serve<Result>(
    name: string,
    call: ServerUnaryCall<Message, Message> | ServerWritableStream<Message, Message>,
    work: (signal: AbortSignal) => Result | Promise<Result>,
  ): Promise<Result> {
    const mark = recorder.record({ operation: name, input: call.request, headers: headersOf(call.metadata) });
    const gone = new AbortController();
    const stop = (): void => gone.abort();
    let answered = false;
    call.once('cancelled', () => {
      // grpc-js also says so when a stream that has its answer is closed.
      if (!answered) {
        mark.cancel();
      }
      gone.abort();
    });
    stopped.signal.addEventListener('abort', stop, { once: true });
    try {
      const plan = faults.plan(name, {
        delay: first(call.metadata, 'x-delay-ms'),
        fault: first(call.metadata, 'x-fault'),
      });
      const hangMs = plan.fault?.kind === 'hang' ? HANG_LIMIT_MS : 0;
      if ((await wait(plan.delayMs + hangMs, gone.signal)) === 'aborted') {
        throw new GrpcProblem(status.CANCELLED, 'Nobody waits for the answer');
      }
      if (plan.fault !== undefined) {
        const code = plan.fault.kind === 'code' ? plan.fault.code : status.DEADLINE_EXCEEDED;
        throw new GrpcProblem(code, 'A fault was asked for');
      }
      return await work(gone.signal);
    } finally {
      answered = true;
      stopped.signal.removeEventListener('abort', stop);
    }
  }

  const unary = Object.entries(handlers).map(([name, handler]) => [
    name,
    (call: ServerUnaryCall<Message, Message>, reply: sendUnaryData<Message>) => {
      serve(name, call, () => handler(call.request)).then(
        (response) => reply(null, response),
        (error: unknown) => reply(refusalOf(error)),
      );
    },
  ]);
  const streaming = Object.entries(streams).map(([name, handler]) => [
    name,
    (call: ServerWritableStream<Message, Message>) => {
      serve(name, call, (signal) => send(call, handler(call.request, signal), signal)).then(
        () => call.end(),
        (error: unknown) => call.emit('error', refusalOf(error)),
      );
    },
  ]);
  const implementation: UntypedServiceImplementation = Object.fromEntries([...unary, ...streaming]);
  const server = new Server();
  server.addService(service, implementation);

  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(authorityOf(options.host, options.port), ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    url: authorityOf(options.host, port),
    port,
    calls: recorder.counter,
    faults,
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      server.forceShutdown();
    },
  };
}

/** Writes as fast as the client takes the messages. */
async function send(
  call: ServerWritableStream<Message, Message>,
  messages: AsyncIterable<Message>,
  signal: AbortSignal,
): Promise<void> {
  for await (const message of messages) {
    if (signal.aborted) return;
    if (!call.write(message)) await once(call, 'drain', { signal }).catch(() => undefined);
  }
}

/** What nobody foresaw says nothing about its inside. */
function refusalOf(error: unknown): { code: status; details: string } {
  if (error instanceof GrpcProblem) {
    return { code: error.code, details: error.message };
  }
  if (error instanceof FaultSettingError) {
    return { code: status.INVALID_ARGUMENT, details: error.message };
  }
  return { code: status.INTERNAL, details: 'The service failed' };
}

function first(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)[0];
  return value === undefined ? undefined : String(value);
}

function headersOf(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata.getMap()).map(([key, value]) => [key, String(value)]));
}
