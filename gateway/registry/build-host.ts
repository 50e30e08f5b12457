/** A process that builds for a gateway. The work is done in a thread, which may die of its memory while the process can still say so. */
import { Worker } from 'node:worker_threads';
import type { Environment } from '../config/env.ts';
import { threadEntry } from '../lib/program.ts';
import { takeApart } from './answer-pieces.ts';
import type { BuildNews } from './job.ts';
import type { Task, ToThread } from './task.ts';

/** The gateway at the other end. */
export type Client = {
  send(news: BuildNews<unknown>): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Told when the gateway is gone: nobody waits for the build any more. */
  onGone(listener: () => void): void;
};

/** What the process is told: to be ready for a task that will come, or the one task that it does. */
export type ToHost = { readonly task?: Task; readonly maxHeapMb: number };

/**
 * Does the one task it is sent. Resolves when the gateway has gone, which ends this process once it has the answer: to end before would lose
 * what a busy gateway has not read yet.
 */
export function hostBuild(client: Client, env: Environment): Promise<void> {
  // Threads are given copies, and an environment may be more than a plain object.
  const plain: Environment = { ...env };
  let thread: Worker | undefined;
  return new Promise((resolve) => {
    client.onGone(resolve);
    client.onMessage((message) => {
      const { task, maxHeapMb } = message as ToHost;
      thread ??= startThread(maxHeapMb, client);
      const asked: ToThread = task === undefined ? 'load' : { task, env: plain };
      thread.postMessage(asked);
    });
  });
}

function startThread(maxHeapMb: number, client: Client): Worker {
  const { entry, isText } = threadEntry(new URL('./task-worker', import.meta.url));
  const thread = new Worker(entry, {
    eval: isText,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    // Mesh's loaders write to the console; what matters comes back as reports.
    stdout: true,
    stderr: true,
  });
  thread.on('message', (news: BuildNews<unknown>) => {
    if (!('answer' in news)) return client.send(news);
    const { answer, pieces } = takeApart(news.answer);
    for (const piece of pieces) client.send(piece);
    client.send({ answer });
  });
  thread.once('error', (error: Error & { code?: string }) => {
    const died = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'fault';
    client.send({ died, message: error.message.split('\n')[0] ?? '' });
  });
  thread.once('exit', () => client.send({ died: 'fault' }));
  return thread;
}
