/** What the tests of registration share: contracts, commands, requests, and clients that ask all the while. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { runCli as RunCli } from '../../gateway/cli/index.ts';
import { contentHash } from '../../gateway/lib/hash.ts';
import { importBuilt } from '../kit/build-program.ts';
import type { GatewayProcess } from '../kit/gateway-process.ts';

const { runCli } = await importBuilt<{ runCli: typeof RunCli }>('cli/index.ts');

export const CUSTOMERS = contractOf(
  'customers',
  {
    '/customers': list('customers', 'ids', 'Customer'),
  },
  { Customer: { id: 'string', name: 'string' } },
);
export const loyalty = (field: string): string =>
  contractOf(
    'loyalty',
    { '/accounts': list('listAccounts', 'customerIds', 'Account') },
    {
      Account: { customerId: 'string', [field]: 'integer' },
    },
  );

export const TOKEN = 'operator-operator-operator';
export const TEAM_TOKEN = 'team-team-team-team-team';
export const OTHER_TOKEN = 'other-other-other-other';

export type Answer = { code: number; out: string; err: string };

/** The first answer that is one; both gateways look every 200 ms. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 2400; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(50);
  }
  throw new Error('this never happened');
}

/** Runs one command line in a folder. */
export async function cli(dir: string, argv: readonly string[], env: Record<string, string>): Promise<Answer> {
  const answer = { out: '', err: '' };
  const code = await runCli({
    argv,
    env,
    cwd: dir,
    isTerminal: false,
    out: (text) => {
      answer.out += text;
    },
    err: (text) => {
      answer.err += text;
    },
    uptimeMs: () => 0,
    onSignal: () => () => undefined,
  });
  return { code, ...answer };
}

export async function api(
  gateway: GatewayProcess,
  token: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${gateway.admin}/api/v1${path}`, {
    method,
    headers: {
      ...headers,
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export async function ask(gateway: GatewayProcess, query: string): Promise<Record<string, unknown>> {
  const response = await fetch(gateway.graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-client-name': 'test' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** One client of each gateway that asks again and again. */
export function startLoad(
  gateways: readonly GatewayProcess[],
  query: string,
): { stop(): Promise<{ answers: Set<string>; faults: string[] }> } {
  const [answers, faults]: [Set<string>, string[]] = [new Set(), []];
  let running = true;
  const asking = gateways.map(async (gateway) => {
    while (running) {
      await ask(gateway, query).then(
        (answer) => answers.add(JSON.stringify(answer)),
        (error: unknown) => faults.push(String(error)),
      );
      await wait(20);
    }
  });
  return {
    async stop() {
      running = false;
      await Promise.all(asking);
      return { answers, faults };
    },
  };
}

export async function readContract(file: string): Promise<{ files: Record<string, string>; main: string }> {
  return { files: { [file]: file === 'stars.yaml' ? loyalty('stars') : loyalty('points') }, main: file };
}

function contractOf(
  title: string,
  paths: Record<string, string>,
  types: Record<string, Record<string, string>>,
): string {
  const schemas = Object.entries(types).map(([name, fields]) => {
    const properties = Object.entries(fields).map(([field, type]) => `${field}: { type: ${type} }`);
    return `    ${name}: { type: object, properties: { ${properties.join(', ')} } }`;
  });
  return [
    'openapi: 3.0.3',
    `info: { title: ${title}, version: '1' }`,
    'paths:',
    ...Object.entries(paths).map(([path, get]) => `  ${path}: { get: ${get} }`),
    'components:',
    '  schemas:',
    ...schemas,
    '',
  ].join('\n');
}

function list(operationId: string, param: string, type: string): string {
  const schema = `{ type: array, items: { $ref: '#/components/schemas/${type}' } }`;
  return `{ operationId: ${operationId}, parameters: [{ name: ${param}, in: query, required: true, explode: false, schema: { type: array, items: { type: string } } }], responses: { '200': { description: ok, content: { application/json: { schema: ${schema} } } } } }`;
}

export type Upstream = {
  readonly endpoint: string;
  /** The contract that is published at `/openapi.yaml`. */
  published: string;
  /** How often it was asked for. */
  asked(): number;
  close(): void;
};

/** Customers, accounts and a published contract with validators. */
export async function startUpstream(): Promise<Upstream> {
  let asked = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://upstream');
    if (url.pathname === '/openapi.yaml') {
      asked += 1;
      const etag = `"${contentHash(Buffer.from(upstream.published))}"`;
      if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
      return void response.writeHead(200, { 'content-type': 'application/yaml', etag }).end(upstream.published);
    }
    const keys = [...url.searchParams.values()].flatMap((value) => value.split(','));
    const rows =
      url.pathname === '/customers'
        ? keys.map((id) => ({ id, name: `name of ${id}` }))
        : keys.map((customerId) => ({ customerId, points: 7, stars: 3 }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(rows));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream: Upstream = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    published: loyalty('points'),
    asked: () => asked,
    close: () => void server.close(),
  };
  return upstream;
}

/** Contracts, and a project that keeps its registry in Redis. */
export async function writeFiles(dir: string, redisUrl: string): Promise<void> {
  await writeFile(join(dir, 'customers.yaml'), CUSTOMERS);
  await writeFile(join(dir, 'points.yaml'), loyalty('points'));
  await writeFile(join(dir, 'stars.yaml'), loyalty('stars'));
  await writeFile(join(dir, '.meshrc.yaml'), 'sources: []\n');
  await writeFile(
    join(dir, 'gateway.yaml'),
    stringify({
      build: { niceness: 0 },
      registry: { kind: 'redis', pollMs: 200, redis: { url: redisUrl, prefix: `tributary-test:${randomUUID()}:` } },
      registration: {
        tokens: [
          { name: 'team', token: TEAM_TOKEN, owners: ['team-loyalty'] },
          { name: 'other', token: OTHER_TOKEN, owners: ['team-other'] },
        ],
      },
    }),
  );
}
