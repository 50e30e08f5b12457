/** The process that reads one job: one message in, one out. */
import type { ReportJob } from './job.ts';
import { readContracts } from './read.ts';

process.once('message', (job: ReportJob) => {
  void readContracts(job).then(
    (answer) => process.send?.(answer, undefined, undefined, () => process.disconnect()),
    // The parent reads the last line of what was written here.
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});
