/** The example services and the gateway, and a walk through what it does. `--once` ends after the walk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { RunningServer } from './lib/running-server.ts';
import { LOYALTY_PORT, startLoyalty } from './loyalty/server.ts';
import { type Shop, startShop } from './start.ts';
import { DEMO_KEYS, walk } from './walk.ts';

const dir = fileURLToPath(new URL('..', import.meta.url));
const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** How the gateway is served here: who may ask, and how much. */
const config = 'examples/gateway.yaml';

/** Who may add sources to the demo; it listens on this machine alone. */
const token = process.env['TRIBUTARY_TOKEN'] ?? 'demo-demo-demo-demo';

type Started = { graphql: string; admin: string };

async function demo(stayUp: boolean): Promise<void> {
  await using shop = await openShop();
  await using loyalty = await openLoyalty();
  const ended = new AbortController();
  const signalled = Promise.race(
    (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => once(process, name, { signal: ended.signal })),
  ).catch(() => undefined);
  const gateway = startGateway(shop, stayUp);
  const exited = once(gateway, 'exit');
  try {
    const { graphql, admin } = await untilStarted(gateway);
    const rows = [
      ['GraphQL', graphql],
      ['GraphiQL', `${graphql} (in a browser)`],
      ['Admin', `${admin}/health/ready, ${admin}/metrics`],
      ['Token', `${token} (to add sources on the admin port)`],
      ['Keys', `${Object.values(DEMO_KEYS).join(', ')} (as x-api-key)`],
      ['Loyalty', `${loyalty.url} (a service that waits to be added: see README.md)`],
    ];
    print(`\n${rows.map(([name = '', value]) => `  ${name.padEnd(10)}${value}`).join('\n')}\n`);
    await walk({ url: graphql, shop, print });
    if (!stayUp) return;
    print('Press Ctrl-C to end.');
    await Promise.race([signalled, exited]);
  } finally {
    ended.abort();
    if (gateway.exitCode === null) gateway.kill('SIGTERM');
    await exited;
  }
}

/** On the usual ports, or on free ones where something listens there already. */
async function openShop(): Promise<Shop> {
  try {
    return await startShop();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startShop({ ports: { orders: 0, catalog: 0, inventory: 0, gallery: 0 } });
  }
}

async function openLoyalty(): Promise<RunningServer> {
  return await startLoyalty({ port: LOYALTY_PORT }).catch(() => startLoyalty());
}

/** The gateway as anybody would start it, in a process of its own. */
function startGateway(shop: Shop, watch: boolean): ChildProcess {
  const endpoints = {
    ORDERS_ENDPOINT: shop.orders.url,
    CATALOG_ENDPOINT: shop.catalog.url,
    INVENTORY_ENDPOINT: shop.inventory.url,
    GALLERY_ENDPOINT: shop.gallery.url,
  };
  const bin = fileURLToPath(new URL('../bin/tributary.js', import.meta.url));
  const args = [bin, 'serve', '--dir', dir, ...(watch ? ['--watch'] : [])];
  // A group of its own, so that Ctrl-C reaches this process first and the gateway ends before the services do.
  return spawn(process.execPath, args, {
    env: { ...process.env, ...endpoints, TRIBUTARY_CONFIG: config, TRIBUTARY_TOKEN: token, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
}

/** Reads the gateway's log until it says where it listens; warnings are shown, from then on too. */
async function untilStarted(gateway: ChildProcess): Promise<Started> {
  return await new Promise((resolve, reject) => {
    gateway.once('exit', (code) => reject(new Error(`the gateway ended with exit code ${code} before it served`)));
    if (gateway.stdout === null) return;
    createInterface(gateway.stdout).on('line', (line) => {
      const entry = JSON.parse(line) as { level: string; msg: string } & Started;
      if (entry.msg === 'gateway started') resolve(entry);
      else if (entry.level !== 'info') print(line);
    });
  });
}

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
try {
  await demo(!values.once);
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
