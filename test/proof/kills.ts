/** Writers on one folder that are killed at random moments, and what the folder says after each kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { openFileStore } from '../../gateway/registry/store/file-store.ts';
import { between, createRandom } from '../faults/chance.ts';
import { type Chain, createChain } from './chain.ts';
import { makeChange, settings } from './change.ts';

export type KillsOptions = {
  readonly kills: number;
  /** Chooses the moments and the victims. */
  readonly seed: number;
  /** Told after each kill. */
  readonly onKill?: (kill: number, chain: Chain) => void;
};

export type KillsReport = Pick<Chain, 'confirmed' | 'found' | 'complaints'>;

/** Processes that write at the same time: one is killed, the others go on. */
const WRITERS = 2;
const LONGEST_MS = 150;
/** Share of kills that do not wait until the victim has started. */
const AT_START = 0.1;

export async function runKills({ kills, seed, onKill }: KillsOptions): Promise<KillsReport> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-kills-'));
  const dir = join(folder, 'registry');
  const random = createRandom(seed);
  const faults: unknown[] = [];
  const store = openFileStore({ ...settings, dir, now: Date.now, onFault: (fault) => faults.push(fault) });
  const chain = createChain(dir, store);
  let started = 0;
  const writers: Writer[] = [];
  const killAll = (): Promise<unknown> => Promise.all(writers.map((writer) => writer.kill()));
  const complain = (error: unknown): void => void faults.push(error);
  try {
    const program = await bundleWriter(folder);
    const start = (): Writer => startWriter(program, [dir, `writer-${++started}`], chain.confirm, complain);
    writers.push(...Array.from({ length: WRITERS }, start));
    await Promise.all(writers.map(({ ready }) => ready));
    for (let kill = 1; kill <= kills && faults.length === 0; kill += 1) {
      const victim = between(random, 0, WRITERS - 1);
      // Most while they write, some while they start.
      if (random() > AT_START) await writers[victim]?.ready;
      await pause(random() * LONGEST_MS);
      await writers[victim]?.kill();
      writers[victim] = start();
      await chain.check();
      // Whoever is left can go on.
      chain.confirm(await changeUntilDone(() => makeChange(store, 'keeper')));
      onKill?.(kill, chain);
    }
    await killAll();
    await chain.check();
    await store[Symbol.asyncDispose]();
    await chain.checkAll();
  } catch (error) {
    complain(error);
  } finally {
    await killAll();
    await store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
  const { confirmed, found, complaints } = chain;
  return { confirmed, found, complaints: [...complaints, ...faults.map(String)] };
}

async function changeUntilDone(change: () => Promise<string | undefined>): Promise<string> {
  for (;;) {
    const done = await change();
    if (done !== undefined) return done;
  }
}

type Writer = { readonly ready: Promise<unknown>; kill(): Promise<void> };

function startWriter(
  program: string,
  args: readonly string[],
  confirm: (change: string) => void,
  complain: (error: Error) => void,
): Writer {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => {
    // A line that was cut off is no confirmation.
    if (/^\d+ [0-9a-f]{64}$/.test(line)) confirm(line);
  });
  let isKilled = false;
  // What it was told before it was killed is in the pipe, and read to the end.
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(() => {
    if (!isKilled) complain(new Error(`a writer ended by itself with ${child.exitCode ?? child.signalCode}`));
  });
  return {
    ready: Promise.race([once(lines, 'line'), ended]),
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        isKilled = true;
        child.kill('SIGKILL');
      }
      await ended;
    },
  };
}

/** The writer as one file, which starts five times as fast as its parts. */
async function bundleWriter(folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('../..', import.meta.url)),
    ssr: { noExternal: true },
    build: {
      ssr: fileURLToPath(new URL('writer.ts', import.meta.url)),
      outDir: join(folder, 'program'),
      minify: false,
      rollupOptions: { output: { entryFileNames: 'writer.mjs' } },
    },
  });
  return join(folder, 'program', 'writer.mjs');
}
