import { realpathSync } from 'node:fs';
import { argv, env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { startCatalog } from './catalog/server.ts';
import { startGallery } from './gallery/server.ts';
import { startInventory } from './inventory/server.ts';
import type { RunningServer } from './lib/running-server.ts';
import { LOYALTY_PORT, startLoyalty } from './loyalty/server.ts';
import { startOrders } from './orders/server.ts';

/** The ports `.meshrc.yaml` expects the services on. */
export const SHOP_PORTS = { orders: 4101, catalog: 4102, inventory: 4103, gallery: 4104 } as const;

/** The services of the example shop. */
export type Shop = {
  orders: RunningServer;
  catalog: RunningServer;
  inventory: RunningServer;
  gallery: RunningServer;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts the services of the example shop. When one cannot start, the others are stopped and its error is thrown.
 *
 * @param options `ports`: where to listen, 0 for a free port (default `SHOP_PORTS`); `host` defaults to 127.0.0.1
 */
export async function startShop(
  options: { ports?: Partial<Record<keyof typeof SHOP_PORTS, number>>; host?: string } = {},
): Promise<Shop> {
  const ports = { ...SHOP_PORTS, ...options.ports };
  const host = options.host ?? '127.0.0.1';
  const started: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.splice(0).map((server) => server[Symbol.asyncDispose]()));
  };
  try {
    const orders = await startOrders({ host, port: ports.orders });
    started.push(orders);
    const catalog = await startCatalog({ host, port: ports.catalog });
    started.push(catalog);
    const inventory = await startInventory({ host, port: ports.inventory });
    started.push(inventory);
    const gallery = await startGallery({ host, port: ports.gallery });
    started.push(gallery);
    return { orders, catalog, inventory, gallery, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function main(): Promise<void> {
  const shop = await startShop({
    ports: {
      orders: portFrom('ORDERS_PORT', SHOP_PORTS.orders),
      catalog: portFrom('CATALOG_PORT', SHOP_PORTS.catalog),
      inventory: portFrom('INVENTORY_PORT', SHOP_PORTS.inventory),
      gallery: portFrom('GALLERY_PORT', SHOP_PORTS.gallery),
    },
    host: env['HOST'] ?? '127.0.0.1',
  });
  console.log(`orders     REST  ${shop.orders.url}`);
  console.log(`catalog    REST  ${shop.catalog.url}`);
  console.log(`inventory  gRPC  ${shop.inventory.url}`);
  console.log(`gallery    REST  ${shop.gallery.url}`);
  const loyalty = await startLoyalty({
    host: env['HOST'] ?? '127.0.0.1',
    port: portFrom('LOYALTY_PORT', LOYALTY_PORT),
  }).catch(async (error: unknown) => {
    await shop[Symbol.asyncDispose]();
    throw error;
  });
  console.log(`loyalty    REST  ${loyalty.url}  (no source yet)`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Nothing else keeps the process alive: when the servers have stopped, it ends by itself.
    process.once(signal, () => void Promise.all([shop[Symbol.asyncDispose](), loyalty[Symbol.asyncDispose]()]));
  }
}

function portFrom(name: string, fallback: number): number {
  const port = Number(env[name] ?? fallback);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${name} is not a port from 0 to 65535`);
  }
  return port;
}

if (argv[1] !== undefined && realpathSync(argv[1]) === fileURLToPath(import.meta.url)) {
  await main();
}
