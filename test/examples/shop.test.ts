import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ConstDirectiveNode, parse as parseGraphql, valueFromASTUntyped, visit } from 'graphql';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { loadService } from '../../examples/lib/grpc/service.ts';
import { type ContractOperation, operationsOf, readContract } from '../../examples/lib/rest/contract.ts';
import { SHOP_PORTS, startShop } from '../../examples/start.ts';
import { ask, connectInventory } from './clients.ts';

const FREE_PORTS = { orders: 0, catalog: 0, inventory: 0, gallery: 0 };

function fileOf(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}

test('the shop answers on all services and is gone afterwards', async () => {
  const shop = await startShop({ ports: FREE_PORTS });
  using inventory = await connectInventory(shop.inventory.url);
  expect(await ask(`${shop.orders.url}/orders/ord_00001`)).toMatchObject({ status: 200 });
  expect(await ask(`${shop.catalog.url}/products/prd_0001`)).toMatchObject({ status: 200 });
  expect(await ask(`${shop.gallery.url}/pictures/pic_00001`)).toMatchObject({ status: 200 });
  expect(await inventory.call('ListWarehouses', {})).toMatchObject({ warehouses: { length: 4 } });
  await shop[Symbol.asyncDispose]();
  await expect(ask(`${shop.orders.url}/orders/ord_00001`)).rejects.toThrow('fetch failed');
  await expect(inventory.call('ListWarehouses', {}, { deadlineMs: 2000 })).rejects.toMatchObject({ code: 14 });
});

test('writes and faults of one shop do not reach another', async () => {
  await using first = await startShop({ ports: FREE_PORTS });
  await using second = await startShop({ ports: FREE_PORTS });
  first.orders.faults.set('order', { fault: 'status:500' });
  await ask(`${first.catalog.url}/products/prd_0001`, { method: 'DELETE' });
  expect((await ask(`${second.orders.url}/orders/ord_00001`)).status).toBe(200);
  expect((await ask(`${second.catalog.url}/products/prd_0001`)).status).toBe(200);
  expect(second.orders.calls.total()).toBe(1);
});

test('when one service cannot start, the others are stopped', async () => {
  await using shop = await startShop({ ports: FREE_PORTS });
  const free = await startShop({ ports: FREE_PORTS });
  const orders = free.orders.port;
  await free[Symbol.asyncDispose]();
  await expect(startShop({ ports: { ...FREE_PORTS, orders, inventory: shop.inventory.port } })).rejects.toThrow();
  await expect(ask(`http://127.0.0.1:${orders}/orders`)).rejects.toThrow('fetch failed');
});

test('the program prints where the services are and ends with a signal', async () => {
  const program = startProgram({
    ORDERS_PORT: '0',
    CATALOG_PORT: '0',
    INVENTORY_PORT: '0',
    GALLERY_PORT: '0',
    LOYALTY_PORT: '0',
  });
  const exit = once(program, 'exit');
  const lines = await readLines(program, 5);
  expect(lines[0]).toMatch(/^orders +REST +http:\/\/127\.0\.0\.1:\d+$/);
  expect(lines[1]).toMatch(/^catalog +REST +http:/);
  expect(lines[2]).toMatch(/^inventory +gRPC +127\.0\.0\.1:\d+$/);
  expect(lines[3]).toMatch(/^gallery +REST +http:/);
  expect(lines[4]).toMatch(/^loyalty +REST +http:.* \(no source yet\)$/);
  const [, loyalty] = / (http\S+)/.exec(lines[4] ?? '') ?? [];
  expect(await ask(`${loyalty}/accounts?customerIds=cus_0001&customerIds=cus_0004`)).toMatchObject({
    status: 200,
    body: [{ customerId: 'cus_0001' }],
  });
  const url = lines[0]?.split(/ +/)[2];
  expect(await ask(`${url}/orders/ord_00001`)).toMatchObject({ status: 200 });
  program.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

test('the program refuses a port that is none', async () => {
  const program = startProgram({ CATALOG_PORT: 'http' });
  expect(await once(program, 'exit')).toEqual([1, null]);
});

test('.meshrc.yaml names the contracts and the ports of the shop', async () => {
  const { sources } = parseYaml(await readFile(fileOf('.meshrc.yaml'), 'utf8'));
  expect(sources).toEqual([
    {
      name: 'orders',
      handler: {
        openapi: expect.objectContaining({ endpoint: `\${ORDERS_ENDPOINT:http://127.0.0.1:${SHOP_PORTS.orders}}` }),
      },
    },
    {
      name: 'catalog',
      handler: {
        openapi: expect.objectContaining({ endpoint: `\${CATALOG_ENDPOINT:http://127.0.0.1:${SHOP_PORTS.catalog}}` }),
      },
    },
    {
      name: 'gallery',
      handler: {
        openapi: expect.objectContaining({ endpoint: `\${GALLERY_ENDPOINT:http://127.0.0.1:${SHOP_PORTS.gallery}}` }),
      },
    },
    {
      name: 'inventory',
      handler: {
        grpc: expect.objectContaining({ endpoint: `\${INVENTORY_ENDPOINT:127.0.0.1:${SHOP_PORTS.inventory}}` }),
      },
    },
  ]);
});

test.each([
  ['orders', 3],
  ['catalog', 3],
  ['inventory', 3],
  ['gallery', 1],
])('joins of %s ask for operations and arguments that exist', async (source, least) => {
  const operations = new Map(
    [
      ...operationsOf(await readContract(fileOf('sources/orders/openapi.yaml'))),
      ...operationsOf(await readContract(fileOf('sources/catalog/openapi.json'))),
      ...operationsOf(await readContract(fileOf('sources/gallery/openapi.yaml'))),
    ].map((operation) => [operation.name, argumentsOf(operation)]),
  );
  const service = await loadService(fileOf('sources/inventory/inventory.proto'), 'inventory.v1.Inventory');
  for (const method of Object.keys(service)) {
    operations.set(`${method.charAt(0).toLowerCase()}${method.slice(1)}`, ['input']);
  }
  const joins = joinsIn(await readFile(fileOf(`sources/${source}/joins.graphql`), 'utf8'));
  expect(joins.length).toBeGreaterThanOrEqual(least);
  for (const join of joins) {
    expect(operations.get(join['sourceFieldName'] ?? '')).toContain(join['keysArg']?.split('.')[0]);
    expect(Object.keys(SHOP_PORTS)).toContain(join['sourceName']);
  }
});

function startProgram(environment: Record<string, string>): ChildProcess {
  return spawn(execPath, ['--import', 'tsx', fileURLToPath(fileOf('examples/start.ts'))], {
    cwd: fileURLToPath(fileOf('.')),
    env: { PATH: '', ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

async function readLines(program: ChildProcess, count: number): Promise<string[]> {
  const lines: string[] = [];
  if (program.stdout === null) {
    throw new Error('the program has no output');
  }
  for await (const line of createInterface(program.stdout)) {
    lines.push(line);
    if (lines.length === count) {
      return lines;
    }
  }
  throw new Error(`the program ended after ${lines.length} lines`);
}

function argumentsOf(operation: ContractOperation): string[] {
  return operation.parameters.map((parameter) => parameter.name);
}

function joinsIn(text: string): Array<Record<string, string>> {
  const joins: Array<Record<string, string>> = [];
  visit(parseGraphql(text), {
    Directive: (node) => {
      joins.push(
        Object.fromEntries(
          ((node as ConstDirectiveNode).arguments ?? []).map(({ name, value }) => [
            name.value,
            String(valueFromASTUntyped(value)),
          ]),
        ),
      );
    },
  });
  return joins;
}
