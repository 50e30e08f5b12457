/**
 * `npm run soak`: the example shop served by a process of its own, under a mixed load, while its project changes again and again. The last line
 * holds what was asked, what was answered wrong, and the memory before and after, each against its bound.
 *
 *   --minutes N   how long (10)
 *   --reloads N   how many changes of the project within that time (20 a minute)
 *   --clients N   clients of each kind (2)
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createCustomers } from '../../examples/lib/data/customers.ts';
import { startShop } from '../../examples/start.ts';
import { type GatewayProcess, startGatewayProcess } from '../kit/gateway-process.ts';
import { root } from '../repository.ts';
import { collecting, heapOf } from './collected.ts';
import { clientsOf, startClients } from './soak/clients.ts';

const THINK_MS = 20;
/** Of the time, what comes before the first look at the memory: code is compiled and caches are filled. */
const WARM_UP = 0.25;
const MOST_RSS_MB = 200;
const MOST_GROWTH = 0.05;

export type SoakFigures = {
  requests: number;
  wrong: readonly string[];
  reloads: number;
  /** Bytes of the heap, without load. */
  heapBefore: number;
  heapAfter: number;
  /** Most memory of the process at any look, in bytes. */
  rss: number;
};

export type SoakOptions = { minutes: number; reloads: number; clients: number; program?: string };

export async function soak({ minutes, reloads, clients, program }: SoakOptions): Promise<SoakFigures> {
  await using shop = await startShop({ ports: { orders: 0, catalog: 0, inventory: 0, gallery: 0 } });
  const dir = await mkdtemp(join(tmpdir(), 'tributary-soak-'));
  try {
    for (const part of ['.meshrc.yaml', 'sources', 'schemas'])
      await cp(join(root, part), join(dir, part), { recursive: true });
    await writeFile(join(dir, 'gateway.yaml'), await settings());
    const env = {
      ORDERS_ENDPOINT: shop.orders.url,
      CATALOG_ENDPOINT: shop.catalog.url,
      INVENTORY_ENDPOINT: shop.inventory.url,
      GALLERY_ENDPOINT: shop.gallery.url,
      NODE_ENV: 'production',
      ...collecting,
    };
    await using gateway = await startGatewayProcess(['--dir', dir], env, program);
    const load = { each: clients, thinkMs: THINK_MS };
    const customers = createCustomers().map(({ id }) => id);
    const begin = () => startClients(clientsOf(gateway.graphql, customers), load);
    const ms = minutes * 60_000;
    const warm = await run(gateway, dir, begin, { ms: ms * WARM_UP, reloads: Math.ceil(reloads * WARM_UP) });
    const heapBefore = await heapOf(gateway);
    const main = await run(gateway, dir, begin, {
      ms: ms * (1 - WARM_UP),
      reloads: Math.floor(reloads * (1 - WARM_UP)),
    });
    return {
      requests: warm.requests + main.requests,
      wrong: [...warm.wrong, ...main.wrong],
      reloads: warm.reloads + main.reloads,
      heapBefore,
      heapAfter: await heapOf(gateway),
      rss: Math.max(warm.rss, main.rss),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** As the demo has it, but that nobody is limited. */
async function settings(): Promise<string> {
  const text = await readFile(join(root, 'examples/gateway.yaml'), 'utf8');
  return `${text.replace(/^rateLimits:\n( .*\n)+/m, '')}\nlog: { level: info }\n`;
}

type Ran = { requests: number; wrong: readonly string[]; reloads: number; rss: number };

/** One stretch of load, with changes spread over it. */
async function run(
  gateway: GatewayProcess,
  dir: string,
  begin: () => ReturnType<typeof startClients>,
  { ms, reloads }: { ms: number; reloads: number },
): Promise<Ran> {
  const stop = begin();
  const until = Date.now() + ms;
  let rss = 0;
  let done = 0;
  while (Date.now() < until) {
    const pause = Math.min(ms / (reloads + 1), until - Date.now());
    await wait(Math.max(0, pause));
    rss = Math.max(rss, await metric(gateway, 'process_resident_memory_bytes'));
    if (done < reloads && Date.now() < until) {
      await reload(gateway, dir);
      done += 1;
    }
  }
  return { ...(await stop()), reloads: done, rss };
}

/** Another policy than before: the next generation serves. */
async function reload(gateway: GatewayProcess, dir: string): Promise<void> {
  const file = join(dir, 'sources/orders/policy.yaml');
  const text = await readFile(file, 'utf8');
  const { entries } = gateway;
  const before = entries.length;
  await writeFile(
    file,
    text.replace(/^deadlineMs: (\d+)$/m, (_line, ms: string) => `deadlineMs: ${ms === '5000' ? 5001 : 5000}`),
  );
  gateway.child.kill('SIGHUP');
  // Asked of every line again with each that comes: what it costs must not grow with them, for the sources live in this process.
  await gateway.until((entry) => entry.msg === 'generation swapped in' && entries.indexOf(entry) >= before);
}

async function metric({ admin }: GatewayProcess, name: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      reloads: { type: 'string' },
      clients: { type: 'string', default: '2' },
    },
  });
  const minutes = Number(values.minutes);
  const reloads = Number(values.reloads ?? Math.round(minutes * 20));
  const program = join(root, 'dist/tributary.js');
  const figures = await soak({ minutes, reloads, clients: Number(values.clients), program });
  for (const line of figures.wrong.slice(0, 10)) stdout.write(`wrong: ${line}\n`);
  const { requests, wrong, heapBefore, heapAfter, rss } = figures;
  const growth = heapAfter / heapBefore - 1;
  const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
  stdout.write(
    `${minutes} minutes, ${figures.reloads} reloads, ${requests} requests, ${wrong.length} answered wrong (bound 0), heap ${mb(heapBefore)} MB before, ${mb(heapAfter)} MB after (${(growth * 100).toFixed(1)} %, bound ${MOST_GROWTH * 100} %), at most ${mb(rss)} MB resident (bound ${MOST_RSS_MB})\n`,
  );
  return wrong.length === 0 && growth <= MOST_GROWTH && rss <= MOST_RSS_MB * 1_048_576 ? 0 : 1;
}

if (process.argv[1]?.endsWith('soak.ts')) process.exitCode = await main();
