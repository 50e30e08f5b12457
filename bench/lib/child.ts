import { once } from 'node:events';
import type { GeneratorCommand, GeneratorEvent } from '../load/generator.ts';
import type { LoadJob, LoadResult } from '../load/job.ts';
import type { UpstreamPorts } from '../types.ts';
import type { UpstreamCalls, UpstreamCommand, UpstreamEvent } from '../upstream/control.ts';
import type { Launched } from './launch.ts';
import { cores, launchModule } from './launch.ts';

export type Upstream = AsyncDisposable & {
  ports: UpstreamPorts;
  pid: number;
  reset(): Promise<void>;
  read(): Promise<UpstreamCalls>;
};

export type Generator = AsyncDisposable & {
  pid: number;
  /** `onReady` is awaited between opening the connections and the first request that counts. */
  run(job: LoadJob, onReady: () => Promise<void>): Promise<LoadResult>;
};

const answerLimitMs = 30_000;

/**
 * Starts an upstream process and waits until it listens.
 *
 * @param latencyMs how long each of its answers waits, where the upstream can do that
 * @throws Error with what the process printed when it does not get that far
 */
export async function startUpstream(module: URL, latencyMs = 0): Promise<Upstream> {
  const launched = launchModule(module, cores.rest, { BENCH_LATENCY_MS: String(latencyMs) });
  const ready = await nextMessage<UpstreamEvent>(launched, answerLimitMs);
  if (ready.kind !== 'ready') throw new Error('the upstream spoke before it was ready');
  const ask = async (command: UpstreamCommand): Promise<UpstreamCalls> => {
    const answer = nextMessage<UpstreamEvent>(launched, answerLimitMs);
    launched.child.send(command);
    const event = await answer;
    if (event.kind !== 'calls') throw new Error('the upstream did not answer with its calls');
    return event.calls;
  };
  return {
    ports: ready.ports,
    pid: launched.pid,
    reset: async () => void (await ask({ kind: 'reset' })),
    read: () => ask({ kind: 'read' }),
    [Symbol.asyncDispose]: () => launched.stop(),
  };
}

/** Starts the load generator; it runs one job at a time. */
export function startGenerator(): Generator {
  const launched = launchModule(new URL('../load/generator.ts', import.meta.url), cores.rest);
  return {
    pid: launched.pid,
    run: async (job, onReady) => {
      const say = async (command: GeneratorCommand, limitMs: number): Promise<GeneratorEvent> => {
        const event = nextMessage<GeneratorEvent>(launched, limitMs);
        launched.child.send(command);
        return event;
      };
      const ready = await say({ kind: 'job', job }, job.drainSeconds * 1000 + answerLimitMs);
      if (ready.kind !== 'ready') throw new Error('the load generator did not open its connections first');
      await onReady();
      const event = await say({ kind: 'go' }, (job.seconds + job.drainSeconds) * 1000 + answerLimitMs);
      if (event.kind !== 'result') throw new Error('the load generator did not answer with a result');
      return event.result;
    },
    [Symbol.asyncDispose]: () => launched.stop(),
  };
}

/** The next IPC message of a child that only ever says `Message`; both ends are files of this folder. */
async function nextMessage<Message>(launched: Launched, limitMs: number): Promise<Message> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  const onExit = () => limit.abort();
  launched.child.once('exit', onExit);
  try {
    const [message] = (await once(launched.child, 'message', { signal: limit.signal })) as [Message];
    return message;
  } catch (cause) {
    throw new Error(`a process of the benchmark fell silent:\n${launched.output()}`, { cause });
  } finally {
    clearTimeout(timer);
    launched.child.off('exit', onExit);
  }
}
