/** Real upstreams whose answers are functions, and a project folder over them: what merges and joins are proved on. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, graphql } from 'graphql';
import { stringify } from 'yaml';
import type { Environment } from '../../gateway/config/env.ts';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { buildTree } from '../../gateway/registry/build.ts';
import { openSupply } from '../../gateway/registry/supply.ts';
import { type KitApp, readSettings, startApp } from '../kit/app.ts';
import { warmBuilder } from '../kit/builder.ts';
import { startGrpcUpstream } from '../unit/connect/grpc-kit.ts';

/** A call that an upstream received: the operation and what it was asked with. */
export type Asked = { operation: string; args: Record<string, unknown>; text?: string };
export type Handler = (args: Record<string, unknown>) => unknown;
/** Thrown by a handler: the upstream refuses with this HTTP status. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

export type Service = { endpoint: string; asked: Asked[]; [Symbol.asyncDispose](): Promise<void> };

/** A source of a project under test: its contract and what its upstream does. */
export type Described = {
  kind: 'openapi' | 'grpc' | 'graphql';
  contract: string;
  handlers: Readonly<Record<string, Handler>>;
  policy?: unknown;
  joins?: string;
  /** Full name of the gRPC service. */
  service?: string;
};

const FILES = { openapi: 'openapi.json', grpc: 'service.proto', graphql: 'schema.graphql' } as const;

/** REST: a handler per path, asked with the query's parameters; repeated ones are lists. */
async function startRest(handlers: Described['handlers']): Promise<Service> {
  const asked: Asked[] = [];
  return serve(asked, async (request) => {
    const url = new URL(request.url ?? '/', 'http://upstream.test');
    const args = Object.fromEntries(
      [...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name)]),
    );
    const [, name = '', id] = url.pathname.split('/');
    if (id !== undefined) args['id'] = [decodeURIComponent(id)];
    asked.push({ operation: name, args });
    return handlers[name]?.(args);
  });
}

/** GraphQL: executed by graphql-js on the SDL, so that a selection the service does not know is an error as in life. */
async function startGraphql(sdl: string, handlers: Described['handlers']): Promise<Service> {
  const asked: Asked[] = [];
  const schema = buildSchema(sdl);
  return serve(asked, async (_request, body) => {
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
    const rootValue = Object.fromEntries(
      Object.entries(handlers).map(([operation, handle]) => [
        operation,
        (args: Record<string, unknown>) => {
          asked.push({ operation, args: JSON.parse(JSON.stringify(args)) as Record<string, unknown>, text: query });
          return handle(args);
        },
      ]),
    );
    return graphql({ schema, source: query, rootValue, variableValues: variables });
  });
}

async function serve(
  asked: Asked[],
  answer: (request: IncomingMessage, body: string) => Promise<unknown>,
): Promise<Service> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      answer(request, Buffer.concat(chunks).toString('utf8')).then(
        (value) => {
          const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
          response.writeHead(200, { 'content-type': 'application/json' }).end(text);
        },
        (error: unknown) => response.writeHead(error instanceof Refused ? error.status : 500).end(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startGrpc({ contract, service = '', handlers }: Described): Promise<Service> {
  const asked: Asked[] = [];
  const recorded = Object.entries(handlers).map(([operation, handle]) => [
    operation,
    (args: Record<string, unknown>) => {
      asked.push({ operation, args });
      return handle(args);
    },
  ]);
  const upstream = await startGrpcUpstream(contract, service, Object.fromEntries(recorded));
  return { endpoint: upstream.address, asked, [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose]() };
}

function start(described: Described): Promise<Service> {
  if (described.kind === 'openapi') return startRest(described.handlers);
  if (described.kind === 'grpc') return startGrpc(described);
  return startGraphql(described.contract, described.handlers);
}

export type World = {
  dir: string;
  app: KitApp;
  services: ReadonlyMap<string, Service>;
  publicSdl: string;
  /** Answers with what the upstreams were asked for it, as `source operation`. */
  ask(query: string, variables?: Record<string, unknown>): Promise<{ data: unknown; errors: unknown; calls: string[] }>;
  /** What one operation was last asked with. */
  lastArgs(source: string, operation: string): Record<string, unknown> | undefined;
  close(): Promise<void>;
};

/** Writes a project's sources into `dir`, endpoints by name. */
export async function writeSources(
  dir: string,
  sources: Readonly<Record<string, Described>>,
  endpoints: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, { kind, contract, policy, joins }] of Object.entries(sources)) {
    const folder = join(dir, 'sources', name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, FILES[kind]), contract);
    if (policy !== undefined) await writeFile(join(folder, 'policy.yaml'), stringify(policy));
    if (joins !== undefined) await writeFile(join(folder, 'joins.graphql'), joins);
  }
  const entries = Object.entries(sources).map(([name, { kind }]) => ({
    name,
    handler: { [kind]: { source: `./sources/${name}/${FILES[kind]}`, endpoint: endpoints[name] ?? '127.0.0.1:1' } },
  }));
  await writeFile(join(dir, '.meshrc.yaml'), stringify({ sources: entries }));
}

/** Starts every upstream, builds the project through the real build and serves it. */
export async function openWorld(sources: Readonly<Record<string, Described>>): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-world-'));
  const services = new Map<string, Service>();
  for (const [name, described] of Object.entries(sources)) services.set(name, await start(described));
  await writeSources(dir, sources, Object.fromEntries([...services].map(([name, { endpoint }]) => [name, endpoint])));
  const env: Environment = {};
  const builder = warmBuilder();
  const { publicSdl } = await buildTree({ dir, env, write: true, builder });
  const metrics = createMetrics();
  const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics });
  const supply = await openSupply({ dir, env, config: readSettings({}), events, now: Date.now, watch: false });
  if (supply.current() === undefined) throw new Error(supply.faults().join('\n'));
  const app = startApp(supply);
  return {
    dir,
    app,
    services,
    publicSdl,
    async ask(query, variables = {}) {
      for (const { asked } of services.values()) asked.length = 0;
      const { body } = await app.query(query, { variables });
      const calls = [...services].flatMap(([name, { asked }]) => asked.map(({ operation }) => `${name} ${operation}`));
      return { data: body.data, errors: body.errors, calls: calls.sort() };
    },
    lastArgs: (source, operation) =>
      services.get(source)?.asked.findLast((asked) => asked.operation === operation)?.args,
    async close() {
      await app[Symbol.asyncDispose]();
      await supply[Symbol.asyncDispose]();
      for (const service of services.values()) await service[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

type Schema = Record<string, unknown>;

/** An OpenAPI contract of `GET /<name>` operations; `ids`-like parameters are given as name → schema. */
export function openapi(
  operations: Readonly<Record<string, { answer: Schema; params?: Readonly<Record<string, Schema>>; path?: string }>>,
  schemas: Readonly<Record<string, Schema>>,
): string {
  const paths = Object.entries(operations).map(([name, { answer, params = {}, path }]) => {
    const parameters = Object.entries(params).map(([param, schema]) => {
      const inPath = path?.includes(`{${param}}`) ?? false;
      return { name: param, in: inPath ? 'path' : 'query', required: inPath, schema };
    });
    const responses = { '200': { description: 'ok', content: { 'application/json': { schema: answer } } } };
    return [path ?? `/${name}`, { get: { operationId: name, parameters, responses } }];
  });
  return JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'test', version: '1' },
    paths: Object.fromEntries(paths),
    components: { schemas },
  });
}

/** A schema of an object with required `id`, other fields optional. */
export function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', required: ['id'], properties };
}

export const string: Schema = { type: 'string' };
export const integer: Schema = { type: 'integer' };

export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}
