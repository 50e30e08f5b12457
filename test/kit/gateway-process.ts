/** The gateway as a process of its own, for what only a process can show: signals, watching, what is lost. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { builtMain } from './build-program.ts';

export type LogEntry = { readonly level: string; readonly msg: string } & Readonly<Record<string, unknown>>;

export type GatewayProcess = {
  readonly graphql: string;
  readonly admin: string;
  readonly child: ChildProcess;
  /** Every log line so far. */
  readonly entries: readonly LogEntry[];
  /** Resolves with the first entry, past or coming, that `wanted` accepts. */
  until(wanted: (entry: LogEntry) => boolean): Promise<LogEntry>;
  /** Sends SIGTERM and resolves with the exit code. */
  stop(): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts `tributary serve` on free ports and waits until it serves.
 * @param program file that is run: the build of the tests unless given
 */
export async function startGatewayProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  program = builtMain,
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [program, 'serve', ...args], {
    env: { ...process.env, PORT: '0', ADMIN_PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const entries: LogEntry[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    entries.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  function until(wanted: (entry: LogEntry) => boolean): Promise<LogEntry> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = entries.find(wanted);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      void exited.then((code) => reject(new Error(`the gateway ended with ${code}: ${JSON.stringify(entries)}`)));
    });
  }
  const started = await until(({ msg }) => msg === 'gateway started');
  const stop = (): Promise<number | null> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    return exited;
  };
  return {
    graphql: String(started['graphql']),
    admin: String(started['admin']),
    child,
    entries,
    until,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}
