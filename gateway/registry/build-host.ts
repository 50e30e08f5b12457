/** A process that builds for a gateway. The work is done in a thread, which may die of its memory while the process can still say so. */
import { Worker } from 'node:worker_threads';
import { threadEntry } from '../lib/program.ts';
import { takeApart } from './answer-pieces.ts';
import type { BuildNews, Task } from './job.ts';

/** The gateway at the other end. */
export type Client = {
  send(news: BuildNews<unknown>): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Told when the gateway is gone: nobody waits for the build any more. */
  onGone(listener: () => void): void;
};

export type HostedTask = { task: Task; maxHeapMb: number };

/**
 * Does the one task it is sent. Resolves when the gateway has gone, which ends this process once it has the answer: to end before would lose
 * what a busy gateway has not read yet.
 */
export function hostBuild(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.onGone(resolve);
    client.onMessage((message) => runInThread(message as HostedTask, client));
  });
}

function runInThread({ task, maxHeapMb }: HostedTask, client: Client): void {
  const { entry, isText } = threadEntry(new URL(`./${task.worker}`, import.meta.url));
  const thread = new Worker(entry, {
    workerData: task.job,
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
}
