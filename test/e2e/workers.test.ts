/** Two workers on the same ports: what is asked of one holds for both, and one that dies takes nobody with it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GatewayProcess, type LogEntry, startGatewayProcess } from '../kit/gateway-process.ts';
import { api, CUSTOMERS, cli, eventually, loyalty, startUpstream, TOKEN, type Upstream } from './registration-kit.ts';

const SETTINGS = `
workers: 2
drainMs: 5000
build: { niceness: 0 }
registry: { pollMs: 200 }
persistedOperations: { apq: allow }
rateLimits: [{ name: rare, by: [], match: { operationNames: [Rare] }, points: 3, windowMs: 3600000, cost: requests }]
`;
const QUERY = '{ customers(ids: ["a"]) { name } }';
const ANSWER = { data: { customers: [{ name: 'name of a' }] } };

let dir = '';
let upstream: Upstream;
let gateway: GatewayProcess;
const isStart = ({ msg }: LogEntry): boolean => msg === 'gateway started';
const starts = (): readonly LogEntry[] => gateway.entries.filter(isStart);

/** A client that keeps one connection, and so asks one worker, as long as that is there. */
function openClient() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async ask(body: Record<string, unknown>): Promise<Record<string, unknown>> {
      const asked = request(gateway.graphql, {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json' },
      });
      asked.end(JSON.stringify(body));
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      return (await json(answer)) as Record<string, unknown>;
    },
    close: () => agent.destroy(),
  };
}
type Client = ReturnType<typeof openClient>;

/** Operations that each worker has answered. */
async function answered(): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${gateway.admin}/metrics`)).text();
  const found = text.matchAll(/^tributary_operations_total\{kind="query",outcome="ok",worker="(\d)"\} (\d+)$/gm);
  return new Map([...found].map(([, worker, count]) => [String(worker), Number(count)]));
}

/** One client of each worker. Connections go to both in turn; which one it is the metrics tell. */
async function openClients(): Promise<[Client, Client]> {
  const found = new Map<string, Client>();
  for (let tries = 0; found.size < 2 && tries < 20; tries += 1) {
    const client = openClient();
    const before = await answered();
    await client.ask({ query: '{ __typename }' });
    const after = await answered();
    const [worker = ''] = [...after].find(([name, count]) => count > (before.get(name) ?? 0)) ?? [];
    if (found.has(worker)) client.close();
    else found.set(worker, client);
  }
  const [first, second] = [found.get('1'), found.get('2')];
  if (!first || !second) throw new Error('one worker gets no connections');
  return [first, second];
}

type Ready = {
  ready: boolean;
  generation: string;
  revision: number;
  faults: string[];
  workers: { worker: number; state: string; generation?: string; revision?: number }[];
};
const readiness = async (): Promise<Ready> => (await (await fetch(`${gateway.admin}/health/ready`)).json()) as Ready;
/** What both serve, once that is the same. */
const agreed = (revision: number): Promise<Ready> =>
  eventually(async () => {
    const state = await readiness();
    const isSame = state.workers.every((each) => each.state === 'serving' && each.revision === revision);
    return isSame && new Set(state.workers.map(({ generation }) => generation)).size === 1 ? state : undefined;
  });

beforeAll(async () => {
  upstream = await startUpstream();
  dir = await mkdtemp(join(tmpdir(), 'tributary-workers-'));
  await writeFile(join(dir, '.meshrc.yaml'), 'sources: []\n');
  await writeFile(join(dir, 'gateway.yaml'), SETTINGS);
  await writeFile(join(dir, 'customers.yaml'), CUSTOMERS);
  const added = await cli(dir, ['source', 'add', './customers.yaml', '--endpoint', upstream.endpoint], {});
  if (added.code !== 0) throw new Error(added.err);
  const policy = 'coordinates: { Query.customers: { cacheControl: { maxAge: 600 } } }\n';
  await writeFile(join(dir, 'sources/customers/policy.yaml'), policy);
  gateway = await startGatewayProcess(['--dir', dir], { TRIBUTARY_TOKEN: TOKEN });
  await eventually(async () => (starts().length === 2 ? true : undefined));
}, 300_000);

afterAll(async () => {
  gateway?.child.kill('SIGKILL');
  upstream?.close();
  await rm(dir, { recursive: true, force: true });
});

it('shares one pair of ports among workers, and tells of both whichever is asked', async () => {
  expect(new Set(starts().map(({ pid }) => pid)).size).toBe(2);
  expect(starts().map(({ worker, graphql, admin }) => [worker, graphql, admin])).toEqual([
    [1, gateway.graphql, gateway.admin],
    [2, gateway.graphql, gateway.admin],
  ]);
  const state = await agreed(0);
  expect(state).toMatchObject({ ready: true, faults: [], workers: [{ worker: 1 }, { worker: 2 }] });
  const clients = Array.from({ length: 20 }, openClient);
  const before = await answered();
  await Promise.all(clients.map((client) => client.ask({ query: '{ __typename }' })));
  const after = await answered();
  const counts = ['1', '2'].map((worker) => (after.get(worker) ?? 0) - (before.get(worker) ?? 0));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
  for (const count of counts) expect(count).toBeGreaterThanOrEqual(5);
  for (const client of clients) client.close();
});

it('registers at both, and both know what either was asked', async () => {
  const clients = await openClients();
  const contract = { files: { 'openapi.yaml': loyalty('points') }, main: 'openapi.yaml' };
  const body = { name: 'loyalty', contract, endpoint: upstream.endpoint };
  const added = await api(gateway, TOKEN, 'POST', '/sources', body);
  expect([added.status, added.body['applied']]).toEqual([201, true]);
  expect((await agreed(1)).faults).toEqual([]);
  const query = '{ listAccounts(customerIds: ["a"]) { points } }';
  for (const client of clients)
    expect(await client.ask({ query })).toEqual({ data: { listAccounts: [{ points: 7 }] } });
  const { body: used } = await api(gateway, TOKEN, 'GET', '/operations');
  const counts = (used['operations'] as { hash: string; count: number }[]).filter(
    ({ hash }) => hash === createHash('sha256').update(query).digest('hex'),
  );
  expect(counts.map(({ count }) => count)).toEqual([2]);
  for (const client of clients) client.close();
});

it('drops answers, holds breakers, spends budgets and knows registered operations at both', async () => {
  const [first, second] = await openClients();
  const text = await first.ask({ query: QUERY });
  expect(text).toEqual(ANSWER);
  const sha256Hash = createHash('sha256').update(QUERY).digest('hex');
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  await first.ask({ query: QUERY, extensions });
  expect(await eventually(async () => ((await second.ask({ extensions }))['data'] ? true : undefined))).toBe(true);

  // Both have the answer now: a held breaker does not matter to it until it is dropped.
  const forced = await fetch(`${gateway.admin}/breakers/customers`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: '{"forced":"open"}',
  });
  expect(forced.status).toBe(200);
  for (const client of [first, second]) expect(await client.ask({ query: QUERY })).toEqual(ANSWER);
  const dropped = await fetch(`${gateway.admin}/admin/cache/invalidate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"sources":["customers"]}',
  });
  expect(await dropped.json()).toEqual({ replicas: 'told' });
  for (const client of [first, second])
    expect(JSON.stringify(await client.ask({ query: QUERY }))).toContain('CIRCUIT_OPEN');

  const rare = { query: 'query Rare { __typename }', operationName: 'Rare' };
  const outcomes = [];
  for (const client of [first, second, first, second]) outcomes.push((await client.ask(rare))['errors'] !== undefined);
  expect(outcomes).toEqual([false, false, false, true]);
  first.close();
  second.close();
});

it('starts another worker in the place of one that is killed, and those who ask the other one notice nothing', async () => {
  const [first, second] = await openClients();
  let isOver = false;
  const faults: unknown[] = [];
  let answers = 0;
  const asking = (async () => {
    while (!isOver) {
      await second.ask({ query: '{ __typename }' }).then(
        () => {
          answers += 1;
        },
        (error: unknown) => faults.push(error),
      );
      await wait(5);
    }
  })();
  await eventually(async () => (answers > 10 ? true : undefined));
  const victim = starts().find(({ worker }) => worker === 1);
  process.kill(Number(victim?.['pid']), 'SIGKILL');
  await gateway.until(({ msg }) => msg === 'a worker ended, and is started again');
  const fresh = await gateway.until(
    ({ msg, worker, pid }) => msg === 'gateway started' && worker === 1 && pid !== victim?.['pid'],
  );
  isOver = true;
  await asking;
  expect(faults).toEqual([]);
  expect(fresh['graphql']).toBe(gateway.graphql);
  await agreed(1);
  expect(await (await fetch(`${gateway.admin}/metrics`)).text()).toMatch(
    /^tributary_workers_lost_total\{worker="2"\} 1$/m,
  );
  // What an operator holds it holds as well.
  first.close();
  const [again] = await openClients();
  expect(JSON.stringify(await again.ask({ query: QUERY }))).toContain('CIRCUIT_OPEN');
  again.close();
  second.close();
});

it('ends with 0 when it is told to, all of it', async () => {
  expect(await gateway.stop()).toBe(0);
  await expect(fetch(gateway.graphql)).rejects.toThrow();
  for (const { pid } of starts()) expect(() => process.kill(Number(pid), 0)).toThrow();
});
