/**
 * What asking upstreams costs by itself: the ways that Node has to send small GETs, side by side. A unit of work is one list and then ten
 * rows at once, 100 units at a time. `npx tsx bench/upstream-client/run.ts [seconds]`. Only the ratios carry over to another machine.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canPin, cores, launchModule } from '../lib/launch.ts';
import { median } from '../lib/stats.ts';
import { type Client, clients, type Ports } from './clients.ts';

const ROUNDS = 5;
const AT_A_TIME = 100;
const ROWS = 10;
const [seconds = '1'] = process.argv.slice(2);

/** @returns a folder with a certificate; undefined where none can be made */
function makeCertificate(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1', '-days', '2'];
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  return spawnSync('openssl', [...args, ...files]).status === 0 ? folder : undefined;
}

async function unit(client: Client): Promise<void> {
  await client.get('/posts');
  await Promise.all(Array.from({ length: ROWS }, (_, row) => client.get(`/users/${row}`)));
}

/** Units a second, and the CPU of one in µs. */
async function measure(client: Client, forMs: number): Promise<{ rate: number; cpu: number }> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  let done = 0;
  const ask = async (): Promise<void> => {
    while (performance.now() - startedAt < forMs) {
      await unit(client);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, ask));
  const { user, system } = process.cpuUsage(before);
  return { rate: (done * 1000) / (performance.now() - startedAt), cpu: (user + system) / done };
}

const certificate = makeCertificate();
if (!certificate) process.stderr.write('SKIPPED: openssl is not on PATH, so nothing is asked over TLS\n');
const env = certificate === undefined ? {} : { BENCH_CERTIFICATE: certificate };
const upstream = launchModule(new URL('./upstream.ts', import.meta.url), cores.rest, env);
const [ports] = (await once(upstream.child, 'message')) as [Ports];
if (canPin) spawnSync('taskset', ['-cp', String(cores.server), String(process.pid)]);

const figures = new Map(clients.map(({ name }) => [name, [] as { rate: number; cpu: number }[]]));
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const { name, server, open } of clients) {
    const port = ports[server];
    if (port === undefined) continue;
    const client = open(port);
    // The first unit opens connections.
    await unit(client);
    const figure = await measure(client, (Number(seconds) * 1000) / ROUNDS);
    await client.close();
    // The first round is for the compiler of the machine.
    if (round > 0) figures.get(name)?.push(figure);
  }
}
await upstream.stop();

const base = medians(figures.get(clients[0]?.name ?? '') ?? []);
for (const [name, rounds] of figures) {
  if (rounds.length === 0) continue;
  const { rate, cpu } = medians(rounds);
  const columns = [
    rate.toFixed(0).padStart(7),
    'units/s',
    ratio(rate / base.rate),
    cpu.toFixed(0).padStart(7),
    'µs CPU',
  ];
  process.stdout.write(`${name.padEnd(34)} ${columns.join(' ')} ${ratio(cpu / base.cpu)}\n`);
}

function medians(rounds: readonly { rate: number; cpu: number }[]): { rate: number; cpu: number } {
  return { rate: median(rounds.map(({ rate }) => rate)), cpu: median(rounds.map(({ cpu }) => cpu)) };
}

function ratio(value: number): string {
  return `${value.toFixed(2)}×`.padStart(7);
}
