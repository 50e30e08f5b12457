/** Redis for tests: one that is there, and servers of a test's own, which it may end, freeze and fill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** Whether somebody answers there. */
export async function reaches(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 6379), timeout: 1000 });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

export type RedisServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Stops it without a word, as a frozen machine does; it keeps what it knows. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** Starts it anew on its port, empty. */
  restart(): Promise<void>;
};

/** Starts a server on a free port of the loopback address; undefined where there is no `redis-server`. */
export async function startRedis(args: readonly string[] = []): Promise<RedisServer | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-redis-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  async function start(): Promise<boolean> {
    const own = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--save', '', '--appendonly', 'no'];
    const started = spawn('redis-server', [...own, ...args], { stdio: 'ignore' });
    child = started;
    const failed = once(started, 'error').then(() => true);
    const isThere = until(() => reaches(url)).then(() => false);
    return !(await Promise.race([failed, isThere]));
  }
  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await gone;
  }
  const url = `redis://127.0.0.1:${port}`;
  const dispose = async (): Promise<void> => {
    await kill();
    await rm(dir, { recursive: true, force: true });
  };
  if (!(await start())) {
    await rm(dir, { recursive: true, force: true });
    return undefined;
  }
  return {
    url,
    port,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    kill,
    async restart() {
      await kill();
      await start();
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** One inline command, and what comes back first. A server that ends the connection in place of an answer is a failure, too. */
export async function say(port: number, command: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  const closed = once(socket, 'close').then(() => {
    throw new Error(`${command}: the connection was closed`);
  });
  try {
    socket.write(`${command}\r\n`);
    const [answer] = (await Promise.race([once(socket, 'data'), closed])) as [Buffer];
    return String(answer);
  } finally {
    socket.destroy();
    closed.catch(() => undefined);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The time on a Redis's own clock, in ms since the epoch. */
export async function redisTimeMs(url: string): Promise<number> {
  const [seconds, micros] = [
    ...(await say(Number(new URL(url).port || 6379), 'TIME')).matchAll(/\r\n(\d+)(?=\r\n)/g),
  ].map(([, digits]) => Number(digits));
  return (seconds ?? 0) * 1000 + (micros ?? 0) / 1000;
}
