import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
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
 * Serves the unary methods of one service of a proto file. Every answer can be delayed or broken on demand, by the
 * metadata `x-delay-ms` and `x-fault` of a call or by a setting of its method.
 *
 * @param options `proto`: the file; `service`: full name; `handlers`: one for each method by name, no more and no fewer
 *   (throws otherwise); `port` 0 takes a free one
 */
export async function startGrpcServer(options: {
  proto: URL;
  service: string;
  handlers: GrpcHandlers;
  host: string;
  port: number;
}): Promise<RunningServer> {
  const service = await loadService(options.proto, options.service);
  const names = Object.keys(service);
  const unmatched = [
    ...names.filter((name) => options.handlers[name] === undefined),
    ...Object.keys(options.handlers).filter((name) => !names.includes(name)),
  ];
  if (unmatched.length > 0) {
    throw new Error(`methods and handlers do not match: ${unmatched.join(', ')}`);
  }

  const recorder = createCallRecorder();
  const faults = createFaults(names, parseGrpcFault, GRPC_FAULTS);
  const stopped = new AbortController();

  async function answer(
    name: string,
    handler: (request: Message) => Message,
    call: ServerUnaryCall<Message, Message>,
  ): Promise<Message> {
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
      return handler(call.request);
    } finally {
      answered = true;
      stopped.signal.removeEventListener('abort', stop);
    }
  }

  const implementation: UntypedServiceImplementation = Object.fromEntries(
    Object.entries(options.handlers).map(([name, handler]) => [
      name,
      (call: ServerUnaryCall<Message, Message>, reply: sendUnaryData<Message>) => {
        answer(name, handler, call).then(
          (response) => reply(null, response),
          (error: unknown) => reply(refusalOf(error)),
        );
      },
    ]),
  );
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
