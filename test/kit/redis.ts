/** Redis for tests: the one that runs here, and servers of a test's own that it may freeze and kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePorts } from './software.ts';
import { until } from './until.ts';

/**
 * The URL of the Redis that stores are tested on (REDIS_URL, else the usual port). Others use it too: keys need a prefix of their own.
 * Undefined, and said aloud, where there is none: a suite that was left out must not look like one that passed.
 */
export async function findRedis(): Promise<string | undefined> {
  const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
  const { hostname, port } = new URL(url);
  if (await answers(hostname, Number(port || 6379))) return url;
  process.stderr.write(`no Redis at ${url}: its stores are not tested\n`);
  return undefined;
}

export type OwnRedis = {
  readonly port: number;
  readonly url: string;
  /** Stops it as if the network were cut: connections stay, nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and with what it had written. */
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts a server that writes each change before it answers.
 * @param program path of redis-server (`findProgram`)
 * @param args more of its arguments
 */
export async function startRedis(program: string, args: readonly string[] = []): Promise<OwnRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-redis-'));
  const [port = 0] = await findFreePorts(1);
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    child = spawn(program, [...own, '--appendonly', 'yes', '--appendfsync', 'always', ...args], { stdio: 'ignore' });
    await until(() => answers('127.0.0.1', port));
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A Cluster of one server. It takes two seconds until it is one: wait for a connection to it. */
export async function startRedisCluster(program: string): Promise<OwnRedis> {
  const [bus = 0] = await findFreePorts(1);
  const args = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-announce-ip', '127.0.0.1'];
  const redis = await startRedis(program, args);
  const client = new Redis(redis.url);
  await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  client.disconnect();
  return redis;
}

async function answers(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
