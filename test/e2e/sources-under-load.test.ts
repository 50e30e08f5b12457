import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as think } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Shop, startShop } from '../../examples/start.ts';
import { addSource, removeSource } from '../../gateway/registry/add-source.ts';
import { warmBuilder } from '../kit/builder.ts';
import { type GatewayProcess, startGatewayProcess } from '../kit/gateway-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const THINK_MS = 20;
const QUERY = '{ orders(limit: 3) { id customer { name } items { product { name stock { onHand } } } } }';

const BILLING = `openapi: 3.0.3
info: { title: billing, version: '1' }
paths:
  /invoices/{id}:
    get:
      operationId: invoice
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Invoice' } } } } }
components:
  schemas:
    Invoice: { type: object, required: [id], properties: { id: { type: string }, cents: { type: integer } } }
`;

let shop: Shop;
let billing: Server;
let dir: string;
let gateway: GatewayProcess;
let env: Record<string, string>;

beforeAll(async () => {
  shop = await startShop({ ports: { orders: 0, catalog: 0, inventory: 0, gallery: 0 } });
  billing = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: request.url?.split('/').at(-1), cents: 4200 }));
  });
  await new Promise<void>((resolve) => billing.listen(0, '127.0.0.1', resolve));
  dir = await mkdtemp(join(tmpdir(), 'tributary-load-'));
  for (const name of ['.meshrc.yaml', 'sources', 'schemas'])
    await cp(join(root, name), join(dir, name), { recursive: true });
  env = {
    ORDERS_ENDPOINT: shop.orders.url,
    CATALOG_ENDPOINT: shop.catalog.url,
    INVENTORY_ENDPOINT: shop.inventory.url,
  };
  gateway = await startGatewayProcess(['--dir', dir, '--watch'], env);
});

afterAll(async () => {
  await gateway?.stop();
  billing?.close();
  await shop?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

type Load = { answers: string[]; faults: string[]; stop(): Promise<void> };

/** So many clients that ask again soon after they were answered, until told to stop. */
function startLoad(clients: number): Load {
  const load: Load = { answers: [], faults: [], stop };
  let running = true;
  const ask = async (): Promise<void> => {
    while (running) {
      try {
        const response = await post(QUERY);
        load.answers.push(`${response.status} ${await response.text()}`);
        // Time to think: the builds of this test want some of the machine, too.
        await think(THINK_MS);
      } catch (error) {
        load.faults.push(String(error));
        return;
      }
    }
  };
  const asking = Array.from({ length: clients }, ask);
  async function stop(): Promise<void> {
    running = false;
    await Promise.all(asking);
  }
  return load;
}

function post(query: string): Promise<Response> {
  return fetch(gateway.graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
}

test('a source comes, goes wrong, comes back and goes while requests go on, and none is lost', {
  timeout: 300_000,
}, async () => {
  const expected = `200 ${await (await post(QUERY)).text()}`;
  expect(expected).toContain('"name"');
  const load = startLoad(4);
  const contract = join(dir, '..', `${dir.split('/').at(-1)}-billing.yaml`);
  await writeFile(contract, BILLING);
  const { port } = billing.address() as { port: number };
  // It builds beside the gateway, whose own builds are what the load is there for.
  const builder = warmBuilder();
  const common = { dir, env, kind: undefined, dryRun: false, builder };

  const added = await addSource({ ...common, contract, endpoint: `http://127.0.0.1:${port}`, name: 'billing' });
  expect(added.report.operations).toEqual({ total: 1, imported: 1 });
  await gateway.until(({ msg, sources }) => msg === 'generation swapped in' && String(sources).includes('billing'));
  expect(await (await post('{ invoice(id: "i1") { id cents } }')).json()).toEqual({
    data: { invoice: { id: 'i1', cents: 4200 } },
  });

  await writeFile(contract, 'openapi: 3.0.3\npaths: [');
  await expect(addSource({ ...common, contract, endpoint: 'http://127.0.0.1:1', name: 'broken' })).rejects.toThrow(
    /contract/,
  );
  expect(await readFile(join(dir, '.meshrc.yaml'), 'utf8')).not.toContain('broken');

  await writeFile(join(dir, 'sources/billing/openapi.yaml'), 'openapi: 3.0.3\npaths: [');
  await gateway.until(({ msg, source }) => msg.startsWith('source degraded') && source === 'billing');
  expect(await (await post('{ invoice(id: "i2") { id } }')).json()).toEqual({ data: { invoice: { id: 'i2' } } });
  await writeFile(join(dir, 'sources/billing/openapi.yaml'), BILLING);
  await gateway.until(({ msg, source }) => msg === 'source recovered' && source === 'billing');

  await removeSource({ dir, env, name: 'billing', dryRun: false, builder });
  await gateway.until(({ msg, source }) => msg === 'source removed' && source === 'billing');
  const gone = (await (await post('{ invoice(id: "i3") { id } }')).json()) as {
    errors: { extensions: { code: string } }[];
  };
  expect(gone.errors[0]?.extensions.code).toBe('VALIDATION_FAILED');

  await load.stop();
  expect(load.faults).toEqual([]);
  expect(load.answers.length).toBeGreaterThan(50);
  expect(new Set(load.answers)).toEqual(new Set([expected]));
  await rm(contract);
});

test('SIGTERM loses no request that is in flight', { timeout: 60_000 }, async () => {
  shop.orders.faults.set('orders', { delayMs: 700 });
  const before = shop.orders.calls.total();
  // All different: equal reads would share one call.
  const asked = Array.from({ length: 20 }, (_, index) => post(`{ orders(limit: ${index + 1}) { id } }`));
  await shop.orders.calls.until((calls) => calls.total() >= before + 20, 20_000);
  const exit = gateway.stop();
  const answers = await Promise.all(
    asked.map(async (response) => [(await response).status, await (await response).json()]),
  );
  expect(answers).toHaveLength(20);
  for (const [status, body] of answers) {
    expect(status).toBe(200);
    expect(body).toMatchObject({ data: { orders: expect.arrayContaining([{ id: 'ord_00001' }]) } });
  }
  expect(await exit).toBe(0);
});
