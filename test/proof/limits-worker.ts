/** One process of the proof of limits: gets its load, sends its report, ends. */
import { type Load, runLoad } from './limit-load.ts';

process.once('message', (load: Load) => {
  runLoad(load).then(
    (report) => process.send?.(report, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
      process.disconnect();
    },
  );
});
process.send?.('ready');
