import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { threadEntry } from '../lib/program.ts';
import { lookAt, readStanding, type StandingFacts, type StandingLook } from './standing.ts';

/** Bytes that are read where requests are served: a few milliseconds. */
const SMALL = 1_048_576;

/** Looks at what stands; what is large in a thread, whose garbage is not that of who serves. */
export async function lookAside(facts: StandingFacts): Promise<StandingLook> {
  const bytes = await bytesIn(join(facts.dir, 'schemas'));
  return bytes <= SMALL ? await lookAt(await readStanding(facts)) : await inThread(facts);
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function inThread(facts: StandingFacts): Promise<StandingLook> {
  const { entry, isText } = threadEntry(new URL('./look-worker', import.meta.url));
  return new Promise((resolve, reject) => {
    const thread = new Worker(entry, { workerData: facts, eval: isText, execArgv: [] });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('The thread that looks at schemas/ ended without an answer.')));
  });
}
