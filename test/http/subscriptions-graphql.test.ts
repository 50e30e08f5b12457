/** A subscription of a GraphQL source, from its SDL to the client and back, over both protocols and with joins below. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useServer } from 'graphql-ws/use/ws';
import { createSchema, createYoga, Repeater } from 'graphql-yoga';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { openSupply } from '../../gateway/registry/supply.ts';
import { type KitApp, readSettings, startApp } from '../kit/app.ts';
import { readEvents } from '../kit/parts.ts';
import { endpointVariable, prepareProject, removeProjects } from '../kit/project.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';
import { until } from '../kit/until.ts';

const SDL = `type Query { newest: Review }
  type Subscription { reviewAdded(of: ID, words: Int = 3): Review }
  type Review { text(upper: Boolean): String! rating: Int productId: ID! }`;
const JOINS = `extend type Review { product: Product @resolveTo(sourceName: "catalog", sourceTypeName: "Query",
  sourceFieldName: "products", requiredSelectionSet: "{ productId }", keyField: "productId", keysArg: "ids", valueKeyField: "id") }`;
const CATALOG = {
  openapi: '3.0.3',
  info: { title: 'Catalog', version: '1' },
  paths: {
    '/products': {
      get: {
        operationId: 'products',
        parameters: [{ name: 'ids', in: 'query', schema: { type: 'array', items: { type: 'string' } } }],
        responses: {
          200: {
            description: 'Found',
            content: {
              'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Product' } } },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: { Product: { type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } } } },
  },
};

type Subscriber = { args: unknown; push(review: object): void; end(error?: Error): void };

const close: (() => Promise<unknown>)[] = [];
/** The upstream's side of every open subscription. */
const subscribers: Subscriber[] = [];
const asked: string[] = [];
const products: string[] = [];
let world = '';
let reviews = '';
let catalog = '';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startReviews(): Promise<string> {
  const subscribe = (_root: unknown, args: unknown) =>
    new Repeater<unknown>(async (push, stop) => {
      const one: Subscriber = { args, push: (reviewAdded) => void push({ reviewAdded }), end: stop };
      subscribers.push(one);
      await stop;
      subscribers.splice(subscribers.indexOf(one), 1);
    });
  const text = ({ text: own }: { text: string }, { upper }: { upper?: boolean }) => {
    if (own === 'bad') throw new Error('secret of the upstream');
    return upper === true ? own.toUpperCase() : own;
  };
  const schema = createSchema({
    typeDefs: SDL,
    resolvers: { Subscription: { reviewAdded: { subscribe } }, Review: { text } },
  });
  const yoga = createYoga({
    schema,
    logging: false,
    plugins: [{ onParams: ({ params }) => void asked.push(params.query ?? '') }],
  });
  const server = createServer(yoga);
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  useServer({ schema, onSubscribe: (_context, _id, { query }) => void asked.push(query) }, sockets);
  close.push(async () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  });
  return `${await listen(server)}/graphql`;
}

function startCatalog(): Promise<string> {
  const server = createServer((request, response) => {
    const ids = new URL(request.url ?? '', 'http://catalog').searchParams.getAll('ids');
    products.push(ids.join());
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(ids.map((id) => ({ id, name: `Product ${id}` }))));
  });
  return listen(server);
}

beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'tributary-reviews-'));
  close.push(() => rm(world, { recursive: true }), removeProjects);
  for (const name of ['reviews', 'catalog']) await mkdir(join(world, name));
  await writeFile(join(world, 'reviews', 'schema.graphql'), SDL);
  await writeFile(join(world, 'reviews', 'joins.graphql'), JOINS);
  await writeFile(join(world, 'catalog', 'openapi.json'), JSON.stringify(CATALOG));
  [reviews, catalog] = await Promise.all([startReviews(), startCatalog()]);
}, 180_000);

afterEach(() => {
  asked.length = 0;
  products.length = 0;
});

afterAll(async () => {
  for (const each of close.reverse()) await each();
});

const ADDED =
  'subscription ($upper: Boolean) { added: reviewAdded(of: "p1") { loud: text(upper: $upper) product { name } } }';

describe.each(['sse', 'graphql-ws'])('a subscription of a GraphQL source over %s', (protocol) => {
  let app: KitApp;
  let url = '';

  beforeAll(async () => {
    const project = await prepareProject(world, { reviews: { policy: { subscriptions: { protocol } } } });
    const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() });
    const env = { [endpointVariable('reviews')]: reviews, [endpointVariable('catalog')]: catalog };
    const config = readSettings({});
    const supply = await openSupply({ dir: project.dir, env, config, events, now: Date.now, watch: false });
    close.push(() => supply[Symbol.asyncDispose]());
    expect(supply.faults()).toEqual([]);
    app = startApp(supply);
    close.push(() => app[Symbol.asyncDispose]());
    url = `${(await app.listen()).url}/graphql`;
  }, 180_000);

  async function ask(query: string, variables: object = {}) {
    const controller = new AbortController();
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
    const body = JSON.stringify({ query, variables });
    return { response: fetch(url, { method: 'POST', headers, body, signal: controller.signal }), controller };
  }

  it('asks for what the client selected and what joins need, and joins each event anew', async () => {
    const { response } = await ask(ADDED, { upper: true });
    await until(() => subscribers.length === 1);
    const [subscriber] = subscribers;
    expect(subscriber?.args).toEqual({ of: 'p1', words: 3 });
    expect(asked).toEqual([
      'subscription ($upper: Boolean!, $of: ID, $words: Int) { reviewAdded(of: $of, words: $words) { loud: text(upper: $upper) _k_productId: productId } }',
    ]);
    const parts = readEvents(await response);
    subscriber?.push({ text: 'fine', productId: 'p1' });
    subscriber?.push({ text: 'good', productId: 'p1' });
    const answer = (loud: string) => ({ data: { added: { loud, product: { name: 'Product p1' } } } });
    expect(await parts.take(2)).toEqual([answer('FINE'), answer('GOOD')]);
    expect(products).toEqual(['p1', 'p1']);
    subscriber?.end();
    expect(await parts.rest()).toEqual([]);
    expect(subscribers).toEqual([]);
  });

  it('goes on after an event that failed: a coded error stands at its field', async () => {
    const { response } = await ask(ADDED);
    await until(() => subscribers.length === 1);
    const parts = readEvents(await response);
    subscribers[0]?.push({ text: 'bad', productId: 'p1' });
    subscribers[0]?.push({ text: 'fine', productId: 'p1' });
    const [failed, good] = await parts.take(2);
    expect(failed).toMatchObject({
      data: { added: null },
      errors: [{ path: ['added'], extensions: { code: 'UPSTREAM_FAILED', source: 'reviews' } }],
    });
    expect(JSON.stringify(failed)).not.toContain('secret');
    expect(good).toMatchObject({ data: { added: { loud: 'fine' } } });
    subscribers[0]?.end(new Error('secret of the upstream'));
    const rest = await parts.rest();
    expect(rest).toMatchObject([{ errors: [{ extensions: { code: 'UPSTREAM_FAILED', source: 'reviews' } }] }]);
    expect(JSON.stringify(rest)).not.toContain('secret');
  });

  it('is ended at the upstream when the client leaves, over either transport', async () => {
    const sse = await ask(ADDED);
    await until(() => subscribers.length === 1);
    const client = await connect(url);
    client.send(subscribeMessage('1', ADDED), subscribeMessage('2', ADDED));
    await until(() => subscribers.length === 3);
    client.send({ id: '1', type: 'complete' });
    await until(() => subscribers.length === 2);
    client.socket.terminate();
    await until(() => subscribers.length === 1);
    sse.controller.abort();
    await sse.response.then((response) => response.text()).catch(() => undefined);
    await until(() => subscribers.length === 0);
  });
});
