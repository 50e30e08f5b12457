import type { LoadJob } from './job.ts';
import { runJob } from './job.ts';
import { serialText } from './request.ts';

/** The load generator as a process, on plain sockets because it shares a core with the upstream. One job at a time. */
const nextSerial = createSerials();

process.on('message', (job: LoadJob) => {
  void runJob(job, nextSerial).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit(0));

/** Serial numbers go on from job to job: no server of a run ever sees one twice. */
function createSerials(): () => string {
  let last = 0;
  return () => {
    last += 1;
    return serialText(last);
  };
}
