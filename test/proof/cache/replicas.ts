/** Replicas of a gateway on one Redis, over one source whose values change. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openResponseCache } from '../../../gateway/cache/resources.ts';
import { createEvents } from '../../../gateway/observe/events.ts';
import { createLog } from '../../../gateway/observe/log.ts';
import { createMetrics } from '../../../gateway/observe/metrics.ts';
import { openSupply } from '../../../gateway/registry/supply.ts';
import { type KitApp, readSettings, startApp } from '../../kit/app.ts';
import { endpointVariable, prepareProject } from '../../kit/project.ts';

const world = join(import.meta.dirname, '..', '..', 'cases', 'worlds', 'cached');

export type Users = AsyncDisposable & {
  readonly endpoint: string;
  /** Requests so far. */
  calls(): number;
  /** How long it takes for an answer, in ms; what it says is what it knew when it was asked. */
  delay: () => number;
};

/** The source `users`: a name for each id, which PUT changes. */
export async function startUsers(): Promise<Users> {
  const names = new Map<string, string>();
  let calls = 0;
  const users = { delay: () => 0 };
  const server = createServer(async (request, response) => {
    calls += 1;
    const id = request.url?.split('/')[2] ?? '';
    if (request.method === 'PUT') {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      names.set(id, (JSON.parse(body) as { name: string }).name);
      return void response.writeHead(204).end();
    }
    const answer = JSON.stringify({ id, name: names.get(id) ?? 'v0' });
    const ms = users.delay();
    if (ms > 0) await sleep(ms);
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(users, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  });
}

/** @param redis what gateway.yaml would hold below `responseCache.redis` */
export async function startReplica(users: Users, redis: object, prefix = 'proof:'): Promise<KitApp> {
  const { dir } = await prepareProject(world);
  const settings = { responseCache: { redis: { prefix, ...redis } } };
  const config = readSettings(settings);
  const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() });
  const env = { [endpointVariable('users')]: users.endpoint, [endpointVariable('notes')]: users.endpoint };
  const supply = await openSupply({ dir, env, config, events, now: Date.now, watch: false });
  const cache = await openResponseCache({ config: config.responseCache, events, randomId: randomUUID, now: Date.now });
  const app = startApp(supply, settings, Date.now, { responseCache: cache });
  return {
    ...app,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await supply[Symbol.asyncDispose]();
      await cache[Symbol.asyncDispose]();
    },
  };
}

export const read = (id: string): string => `{ user(userId: "${id}") { name } }`;
export const rename = (id: string, name: string): string =>
  `mutation { updateUser(userId: "${id}", input: { name: "${name}" }) }`;

export function nameIn({ body }: Awaited<ReturnType<KitApp['query']>>): string {
  return (body.data as { user?: { name?: string } } | undefined)?.user?.name ?? JSON.stringify(body.errors);
}

/** Waits until an answer that one replica made is given by the others: until all of them reach their Redis. */
export async function untilShared(apps: readonly KitApp[]): Promise<void> {
  for (let round = 0; ; round += 1) {
    const query = read(`ready-${randomUUID()}`);
    const outcomes = [];
    for (const app of apps) {
      outcomes.push((await app.query(query)).headers.get('x-cache'));
      await sleep(5);
    }
    if (outcomes.slice(1).every((outcome) => outcome === 'HIT; kept')) return;
    if (round > 200) throw new Error(`replicas do not share: ${outcomes}`);
    await sleep(20);
  }
}
