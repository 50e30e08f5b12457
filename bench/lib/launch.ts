import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The repository: every child process starts here unless told otherwise. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The server alone on one core; upstream, load generator and this process share the other. */
export const cores = { server: 0, rest: 1 } as const;

/** Whether processes can be tied to either core; without it servers, upstream and load compete, and the report says so. */
export const canPin = Object.values(cores).every(
  (core) => spawnSync('taskset', ['-c', String(core), 'true']).status === 0,
);

export type LaunchOptions = { cwd?: string; env?: Record<string, string>; core: number; ipc?: boolean };

/** A started process. `output()` is the tail of what it printed, for the message when it fails. */
export type Launched = {
  pid: number;
  child: ChildProcess;
  output: () => string;
  exited: () => boolean;
  stop: () => Promise<void>;
};

const keptOutput = 16_384;
const stopLimitMs = 5_000;

/**
 * Starts a command in a process group of its own, on one core where the machine can pin.
 *
 * @throws Error when the command cannot be started at all
 */
export function launch(command: string, args: readonly string[], options: LaunchOptions): Launched {
  const [file, ...rest] = canPin ? ['taskset', '-c', String(options.core), command, ...args] : [command, ...args];
  const child = spawn(file ?? command, rest, {
    cwd: options.cwd ?? root,
    env: { ...process.env, NODE_ENV: 'production', ...options.env },
    stdio: options.ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`could not start ${command}`);
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-keptOutput);
    });
  }
  // Nothing outlives the benchmark, however it ends.
  const onExit = () => signalGroup(pid, 'SIGKILL');
  process.on('exit', onExit);
  child.once('exit', () => process.off('exit', onExit));
  const exited = () => child.exitCode !== null || child.signalCode !== null;
  return { pid, child, output: () => kept, exited, stop: () => stopGroup(child, pid) };
}

/** Starts one of our own TypeScript files as a process with an IPC channel. */
export function launchModule(url: URL, core: number, env: Record<string, string> = {}): Launched {
  return launch(process.execPath, ['--import', 'tsx', fileURLToPath(url)], { core, env, ipc: true });
}

/** Ports as environment variables `BENCH_<NAME>_PORT`, the one way every peer learns them. */
export function portEnv(ports: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [`BENCH_${name.toUpperCase()}_PORT`, String(port)]),
  );
}

/** A free TCP port of the loopback interface. Someone else may take it before it is used; then the start fails. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs a command to its end and returns what it printed. @throws Error with the output when it fails or takes too long */
export async function run(command: string, args: readonly string[], cwd: string, limitMs: number): Promise<string> {
  const started = launch(command, args, { cwd, core: cores.rest, env: { NODE_ENV: 'development' } });
  const timer = setTimeout(() => void started.stop(), limitMs);
  const [code] = (await once(started.child, 'close')) as [number | null];
  clearTimeout(timer);
  if (code !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${started.output()}`);
  return started.output();
}

async function stopGroup(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), stopLimitMs);
  await ended;
  clearTimeout(timer);
  // What the leader left behind (workers, shells) goes too.
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
