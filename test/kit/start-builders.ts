/**
 * Before all tests: threads that build for every test file. A build process loads thousands of modules before it reads a contract; tests
 * of what is served need not wait for that each time. Tests of building itself start real build processes.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Environment } from '../../gateway/config/env.ts';
import { threadEntry } from '../../gateway/lib/program.ts';
import type { Task } from '../../gateway/registry/task.ts';

export type HostedTask = { task: Task; env: Environment };

/** One for each of the test files that run at once. */
const THREADS = 2;

export async function setup(): Promise<() => Promise<void>> {
  const pool = createPool();
  const server = createServer(async (request, response) => {
    try {
      response.end(serialize(await pool.run(deserialize(await readAll(request)) as HostedTask)));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env['TEST_BUILDERS_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async () => {
    server.close();
    await pool.end();
  };
}

/** Threads are started when there is work for them. */
function createPool(): { run(task: HostedTask): Promise<unknown>; end(): Promise<void> } {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const waiting: ((thread: Worker) => void)[] = [];

  async function take(): Promise<Worker> {
    const free = idle.pop();
    if (free !== undefined) return free;
    if (all.size < THREADS) return start();
    return await new Promise((resolve) => waiting.push(resolve));
  }
  function start(): Worker {
    const { entry, isText } = threadEntry(new URL('./build-thread', import.meta.url));
    // Mesh's loaders write to the console.
    const thread = new Worker(entry, { eval: isText, execArgv: [], stdout: true, stderr: true });
    all.add(thread);
    return thread;
  }
  function giveBack(thread: Worker): void {
    const next = waiting.shift();
    if (next === undefined) idle.push(thread);
    else next(thread);
  }
  async function run(task: HostedTask): Promise<unknown> {
    const thread = await take();
    try {
      thread.postMessage(task);
      // Rejects with the error that ended the thread.
      const [answer] = await once(thread, 'message');
      giveBack(thread);
      return answer;
    } catch (error) {
      all.delete(thread);
      const next = waiting.shift();
      if (next !== undefined) next(start());
      throw error;
    }
  }
  return { run, end: async () => void (await Promise.all([...all].map((thread) => thread.terminate()))) };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
