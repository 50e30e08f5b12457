/** `tributary explain`: what it asks, here or of a gateway that runs, what it prints, and how it ends. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shop, startShop } from '../../../examples/start.ts';
import { readText, root } from '../../repository.ts';
import { run } from './kit.ts';

const PLAN = {
  operation: { kind: 'query', name: 'Q' },
  generation: 'g',
  predictedCalls: 0,
  calls: [],
};

type Asked = { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: unknown };

/** Somebody at the address of a gateway, who answers this and remembers what came. */
async function startGateway(answer: string, status = 200) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      const { method, url, headers } = request;
      asked.push({ method, url, headers, body: JSON.parse(text) });
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a gateway that runs', () => {
  it('is asked on its admin port, with variables and headers as they were given', async () => {
    await using gateway = await startGateway(JSON.stringify({ data: null, extensions: { explain: PLAN } }));
    const words = ['--variables', '{"n": 3}', '--header', 'X-Tenant=a=b', '--header', 'x-empty=', '--operation', 'Q'];
    const { code, out, err } = await run(['explain', 'query Q { a }', ...words, '--analyze', '--gateway', gateway.url]);
    expect([code, out, err]).toEqual([0, 'query Q: 0 calls expected\n', '']);
    expect(gateway.asked).toMatchObject([
      {
        method: 'POST',
        url: '/explain',
        headers: { 'x-tenant': 'a=b', 'x-empty': '', 'content-type': 'application/json' },
        body: { query: 'query Q { a }', variables: { n: 3 }, operationName: 'Q', analyze: true },
      },
    ]);
  });

  it('may explain and fail all the same: errors are told once each, beside the tree', async () => {
    const errors = [{ message: 'late' }, { message: 'late' }, { message: 'rejected' }];
    await using gateway = await startGateway(JSON.stringify({ errors, extensions: { explain: PLAN } }));
    const { code, out, err } = await run(['explain', '{ a }', '--gateway', gateway.url]);
    expect([code, out, err]).toEqual([0, 'query Q: 0 calls expected\n', 'late\nrejected\n']);
    const json = await run(['explain', '{ a }', '--json', '--gateway', gateway.url]);
    expect(JSON.parse(json.out)).toEqual({ errors, extensions: { explain: PLAN } });
  });

  it.each([
    ['an error', { errors: [{ message: 'no such field' }] }, 'no such field\n'],
    ['a problem document', { title: 'Bad Request', detail: 'Send a query.' }, 'Send a query.\n'],
  ])('that answers %s instead of an explanation says why', async (_, answer, told) => {
    await using gateway = await startGateway(JSON.stringify(answer), 400);
    const { code, out, err } = await run(['explain', '{ a }', '--gateway', gateway.url]);
    expect([code, out, err]).toEqual([1, '', told]);
  });

  it.each(['{}', 'null', '[]', '<html>', '{"errors":{}}'])('is somebody else when it answers %s', async (answer) => {
    await using gateway = await startGateway(answer);
    const { code, out, err } = await run(['explain', '{ a }', '--gateway', gateway.url]);
    const told = `tributary: No gateway explained anything at ${gateway.url}/explain: is this its admin port?\n`;
    expect([code, out, err]).toEqual([1, '', told]);
  });

  it('may be gone', async () => {
    const gateway = await startGateway('');
    await gateway[Symbol.asyncDispose]();
    const { code, err } = await run(['explain', '{ a }', '--gateway', gateway.url]);
    expect(code).toBe(1);
    expect(err).toContain(`No gateway explained anything at ${gateway.url}/explain`);
  });
});

describe('the project', () => {
  let shop: Shop;
  let env: Record<string, string>;
  beforeAll(async () => {
    shop = await startShop({ ports: { orders: 0, catalog: 0, inventory: 0, gallery: 0 } });
    env = {
      ORDERS_ENDPOINT: shop.orders.url,
      CATALOG_ENDPOINT: shop.catalog.url,
      INVENTORY_ENDPOINT: shop.inventory.url,
      GALLERY_ENDPOINT: shop.gallery.url,
    };
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  /** Times differ with every run. */
  const timeless = (text: string): string => text.replace(/\d+(\.\d+)? ms/g, 'some ms');

  it('is explained as the pages say, before and after running', async () => {
    const pages = readText('README.md') + readText('docs/explain.md');
    const examples = [...pages.matchAll(/^\$ npx tributary explain '([^']+)'(.*)\n([^`]+)^```/gm)];
    expect(examples).toHaveLength(3);
    for (const [, query = '', options = '', output = ''] of examples) {
      const words = options.split(' ').filter((word) => word !== '');
      const { code, out, err } = await run(['explain', query, ...words], { cwd: root, env });
      expect([code, timeless(out), err]).toEqual([0, timeless(output), '']);
    }
    expect([shop.orders, shop.catalog, shop.inventory].map(({ calls }) => calls.total())).toEqual([2, 1, 1]);
  });

  it('says what is wrong with an operation and its variables, or itself', async () => {
    const typed = 'query ($n: Int!) { orders(limit: $n) { id } }';
    const variables = await run(['explain', typed, '--variables', '{"n": "x"}'], { cwd: root, env });
    expect([variables.code, variables.out, variables.err]).toEqual([1, '', expect.stringContaining('"$n"')]);
    const nothing = await run(['explain', '{ a }', '--dir', 'nowhere']);
    expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining('.meshrc.yaml does not exist')]);
  });
});
