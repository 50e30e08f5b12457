import { once } from 'node:events';
import type { LoadJob, LoadResult } from './job.ts';
import { runJob } from './job.ts';
import { serialText } from './request.ts';

/** What the benchmark says to the load generator: a job, and `go` when the connections are open and it has read the counters. */
export type GeneratorCommand = { kind: 'job'; job: LoadJob } | { kind: 'go' };

export type GeneratorEvent = { kind: 'ready' } | { kind: 'result'; result: LoadResult };

/** The load generator as a process, on plain sockets because it shares a core with the upstream. One job at a time. */
function serveJobs(): void {
  let last = 0;
  // Serial numbers go on from job to job: no server of a run ever sees one twice.
  const nextSerial = () => {
    last += 1;
    return serialText(last);
  };
  const say = (event: GeneratorEvent) => process.send?.(event);
  const ready = async () => {
    const go = once(process, 'message');
    say({ kind: 'ready' });
    await go;
  };
  process.on('message', (command: GeneratorCommand) => {
    if (command.kind !== 'job') return;
    void runJob(command.job, { nextSerial, ready }).then((result) => say({ kind: 'result', result }));
  });
  process.on('disconnect', () => process.exit(0));
}

serveJobs();
