/** The example services and the gateway in one process, and one question across all of them. `--once` ends after the answer. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createApp } from '../gateway/app.ts';
import { formatFaults } from '../gateway/config/faults.ts';
import { loadGatewayConfig } from '../gateway/config/load.ts';
import { createEvents } from '../gateway/observe/events.ts';
import { createLog } from '../gateway/observe/log.ts';
import { createMetrics } from '../gateway/observe/metrics.ts';
import { openSupply } from '../gateway/registry/supply.ts';
import { send } from './client/client.ts';
import { ordersOverview } from './client/operations.ts';
import { type Shop, startShop } from './start.ts';

const dir = fileURLToPath(new URL('..', import.meta.url));
const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function demo(stayUp: boolean): Promise<void> {
  const loaded = await loadGatewayConfig({ dir, env: { LOG_LEVEL: 'warn', ...process.env } });
  if (!loaded.ok) throw new Error(formatFaults(loaded.faults));
  const log = createLog(loaded.value.log);
  const metrics = createMetrics({ process: true });
  const resources = { config: loaded.value, events: createEvents({ log, metrics }), metrics, now: Date.now };
  await using shop = await openShop();
  const endpoints = { ORDERS_ENDPOINT: shop.orders.url, CATALOG_ENDPOINT: shop.catalog.url, INVENTORY_ENDPOINT: shop.inventory.url };
  await using supply = await openSupply({ ...resources, dir, env: { ...process.env, ...endpoints }, watch: stayUp });
  await using app = createApp({ ...resources, supply, log, randomId: randomUUID });
  const { url, admin } = await app.listen();
  print(`\n  GraphQL   ${url}/graphql\n  GraphiQL  ${url}/graphql (in a browser)\n  Admin     ${admin}/health/ready, ${admin}/metrics\n`);
  await showOneQuestion(`${url}/graphql`, shop);
  if (!stayUp) return;
  print('Press Ctrl-C to end.');
  const ended = new AbortController();
  await Promise.race((['SIGINT', 'SIGTERM'] as const).map((name) => once(process, name, { signal: ended.signal })));
  ended.abort();
}

/** On the usual ports, or on free ones where something listens there already. */
async function openShop(): Promise<Shop> {
  try {
    return await startShop();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startShop({ ports: { orders: 0, catalog: 0, inventory: 0 } });
  }
}

async function showOneQuestion(url: string, shop: Shop): Promise<void> {
  const services = { orders: shop.orders, catalog: shop.catalog, inventory: shop.inventory };
  for (const { calls } of Object.values(services)) calls.reset();
  print(`The question:\n\n${ordersOverview.toString().trim()}\n`);
  const answer = await send(url, ordersOverview, { limit: 2 });
  if (answer.errors !== undefined) throw new Error(`The answer has errors: ${JSON.stringify(answer.errors)}`);
  print(`The answer:\n\n${JSON.stringify(answer.data, null, 2)}\n`);
  print('What the services were asked for it:\n');
  let total = 0;
  for (const [name, { calls }] of Object.entries(services)) {
    for (const [operation, count] of Object.entries(calls.byOperation())) print(`  ${name.padEnd(10)} ${operation.padEnd(20)} ${count} call${count === 1 ? '' : 's'}`);
    total += calls.total();
  }
  print(`\n  ${total} upstream calls in all.\n`);
}

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
try {
  await demo(!values.once);
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
