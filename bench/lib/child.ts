import { once } from 'node:events';
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

export type Generator = AsyncDisposable & { pid: number; run(job: LoadJob): Promise<LoadResult> };

const readyLimitMs = 30_000;

/**
 * Starts an upstream process and waits until it listens.
 *
 * @throws Error with what the process printed when it does not get that far
 */
export async function startUpstream(module: URL): Promise<Upstream> {
  const launched = launchModule(module, cores.rest);
  const ready = await nextMessage<UpstreamEvent>(launched, readyLimitMs);
  if (ready.kind !== 'ready') throw new Error('the upstream spoke before it was ready');
  const ask = async (command: UpstreamCommand): Promise<UpstreamCalls> => {
    const answer = nextMessage<UpstreamEvent>(launched, readyLimitMs);
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
    run: async (job) => {
      const result = nextMessage<LoadResult>(launched, (job.seconds + job.drainSeconds) * 1000 + readyLimitMs);
      launched.child.send(job);
      return result;
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
