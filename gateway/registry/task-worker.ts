/** The thread of a build process: one task, what it says on its way, and its answer. */
import { parentPort } from 'node:worker_threads';
import { load, perform } from './perform.ts';
import type { ToThread } from './task.ts';

parentPort?.on('message', (asked: ToThread) => {
  // What either rejects with ends the thread, which the process tells.
  if (asked === 'load') void load();
  else {
    // It ends when there is nothing left to do, answer or not.
    parentPort?.unref();
    void perform(asked.task, asked.env, (news) => parentPort?.postMessage(news)).then((answer) =>
      parentPort?.postMessage({ answer }),
    );
  }
});
