/** Programs that none of us wrote, started for a test on free ports in a folder of their own, and a gateway over them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stringify } from 'yaml';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { addSource } from '../../gateway/registry/add-source.ts';
import type { SourceKind } from '../../gateway/registry/source-kinds.ts';
import { openSupply, type Supply } from '../../gateway/registry/supply.ts';
import { type KitApp, readSettings, startApp } from './app.ts';
import { warmBuilder } from './builder.ts';

const MAX_OUTPUT_CHARS = 100_000;

/** Where the program is; says loudly what is not tested where it is missing. Daemons of Debian are not on everybody's PATH. */
export function findProgram(name: string, debianPackage: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined)
    process.stderr.write(`\nSKIPPED: nothing is tested against ${name}, it is not here. Install ${debianPackage}.\n\n`);
  return found;
}

/** So many ports of the loopback address that nobody listens on. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

export type Software = { readonly folder: string; [Symbol.asyncDispose](): Promise<void> };

/**
 * Starts a program and waits until it says that it is ready.
 *
 * @param args given the folder that is made for it, and removed with it
 * @param ready what one of its streams says by then
 * @throws Error with its output when it ends or is silent for 30 s
 */
export async function startSoftware(
  program: string,
  args: (folder: string) => readonly string[],
  ready: RegExp,
): Promise<Software> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-software-'));
  const child = spawn(program, args(folder), { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await said(child, ready);
  } catch (error) {
    await stop();
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: stop };
}

function said(child: ChildProcess, wanted: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string): void => reject(new Error(`${child.spawnfile} ${why}:\n${output}`));
    const timer = setTimeout(() => fail('is not ready after 30 s'), 30_000);
    const look = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-MAX_OUTPUT_CHARS);
      if (wanted.test(output)) resolve();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
}

export type Registered = {
  readonly name: string;
  readonly kind: SourceKind;
  /** Path of the contract. */
  readonly contract: string;
  readonly endpoint: string;
  /** Where imports of a .proto start. */
  readonly includeDirs?: readonly string[];
  readonly policy?: unknown;
};

const builder = warmBuilder();
const plain = { env: {}, dryRun: false, builder } as const;

export type RegisteredGateway = {
  readonly app: KitApp;
  readonly supply: Supply;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A gateway over sources that are added to an empty project one after the other, as a person would. */
export async function openGateway(sources: readonly Registered[]): Promise<RegisteredGateway> {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-registered-'));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    await writeFile(join(dir, '.meshrc.yaml'), 'sources: []\n');
    for (const { policy: _policy, ...source } of sources) await addSource({ ...plain, dir, ...source });
    for (const { name, policy } of sources)
      if (policy !== undefined) await writeFile(join(dir, 'sources', name, 'policy.yaml'), stringify(policy));
    const log = createLog({ level: 'silent', pretty: 'off' });
    const events = createEvents({ log, metrics: createMetrics() });
    const supply = await openSupply({
      dir,
      env: {},
      config: readSettings({}),
      events,
      now: Date.now,
      watch: false,
      builder,
    });
    if (supply.current() === undefined || supply.faults().length > 0) throw new Error(supply.faults().join('; '));
    const app = startApp(supply);
    return {
      app,
      supply,
      async [Symbol.asyncDispose]() {
        await app[Symbol.asyncDispose]();
        await supply[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
