/** A generation above the threshold: a fresh process makes it and takes over, under load, on the same ports. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GatewayProcess, type LogEntry, startGatewayProcess } from '../kit/gateway-process.ts';
import {
  api,
  ask,
  CUSTOMERS,
  cli,
  eventually,
  loyalty,
  startLoad,
  startUpstream,
  TOKEN,
  type Upstream,
} from './registration-kit.ts';

const settings = 'build: { freshProcessBytes: 1, niceness: 0 }\ndrainMs: 5000\n';
const QUERY = '{ customers(ids: ["a"]) { name } }';
const ANSWER = '{"data":{"customers":[{"name":"name of a"}]}}';

let dir = '';
let upstream: Upstream;
let gateway: GatewayProcess;
const isStart = ({ msg }: LogEntry): boolean => msg === 'gateway started';
const starts = (): readonly LogEntry[] => gateway.entries.filter(isStart);

beforeAll(async () => {
  upstream = await startUpstream();
  dir = await mkdtemp(join(tmpdir(), 'tributary-taking-over-'));
  await writeFile(join(dir, '.meshrc.yaml'), 'sources: []\n');
  await writeFile(join(dir, 'gateway.yaml'), settings);
  await writeFile(join(dir, 'customers.yaml'), CUSTOMERS);
  const added = await cli(dir, ['source', 'add', './customers.yaml', '--endpoint', upstream.endpoint], {});
  if (added.code !== 0) throw new Error(added.err);
  gateway = await startGatewayProcess(['--dir', dir], { TRIBUTARY_TOKEN: TOKEN });
}, 300_000);

afterAll(async () => {
  gateway?.child.kill('SIGKILL');
  upstream?.close();
  await rm(dir, { recursive: true, force: true });
});

const send = (field: string, isNew: boolean) => {
  const contract = { files: { 'openapi.yaml': loyalty(field) }, main: 'openapi.yaml' };
  const body = { contract, endpoint: upstream.endpoint, force: true, reason: 'the test' };
  return isNew
    ? api(gateway, TOKEN, 'POST', '/sources', { name: 'loyalty', ...body })
    : api(gateway, TOKEN, 'PUT', '/sources/loyalty', body);
};

/** Asks by a connection of its own: `fetch` would take one that is open already, maybe to the process that is leaving. */
async function askAlone(query: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const asked = request(gateway.graphql, { method: 'POST', agent: false, headers });
  asked.end(JSON.stringify({ query }));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return await json(answer);
}

const isGone = (pid: unknown): true | undefined => {
  try {
    process.kill(Number(pid), 0);
    return undefined;
  } catch {
    return true;
  }
};

it('moves requests to a new process without losing one, and the old one is gone', async () => {
  const load = startLoad([gateway, gateway], QUERY);
  const added = await send('points', true);
  expect([added.status, added.body['applied']]).toEqual([201, true]);
  await eventually(async () => (starts().length === 2 ? true : undefined));
  const [before, after] = starts();
  // Who has the answer may ask for what is new at once: by a connection of its own it meets the new process.
  expect(await askAlone('{ listAccounts(customerIds: ["a"]) { points } }')).toEqual({
    data: { listAccounts: [{ points: 7 }] },
  });
  expect(after?.['pid']).not.toBe(before?.['pid']);
  expect([after?.['graphql'], after?.['admin']]).toEqual([gateway.graphql, gateway.admin]);
  await eventually(async () => isGone(before?.['pid']));
  const { answers, faults } = await load.stop();
  expect([[...answers], faults]).toEqual([[ANSWER], []]);
  expect(gateway.entries.find(({ msg }) => msg === 'gateway stopped')).toMatchObject({
    reason: 'replaced',
    abandoned: 0,
  });
  expect(gateway.child.exitCode).toBeNull();
  // What clients were seen to ask went along.
  const { body } = await api(gateway, TOKEN, 'GET', '/operations');
  expect(JSON.stringify(body)).toContain('Query.customers');
}, 300_000);

it('goes on with the old process when the fresh one cannot serve, and says why', async () => {
  await writeFile(join(dir, 'gateway.yaml'), `${settings}graphiql: { enabled: false }\n`);
  const load = startLoad([gateway], QUERY);
  const refused = await send('stars', false);
  expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable', revision: 2 } });
  expect(String(refused.body['detail'])).toContain('gateway.yaml is not what this gateway was started with');
  const { faults } = (await (await fetch(`${gateway.admin}/health/ready`)).json()) as { faults: string[] };
  expect(faults.join()).toContain('gateway.yaml is not what');
  expect(await ask(gateway, '{ listAccounts(customerIds: ["a"]) { points } }')).toEqual({
    data: { listAccounts: [{ points: 7 }] },
  });
  expect(await load.stop()).toEqual({ answers: new Set([ANSWER]), faults: [] });
  expect(starts()).toHaveLength(2);
  // Once it can, it does.
  await writeFile(join(dir, 'gateway.yaml'), settings);
  gateway.child.kill('SIGHUP');
  await eventually(async () => (starts().length === 3 ? true : undefined));
  const stars = '{ listAccounts(customerIds: ["a"]) { stars } }';
  expect(await eventually(async () => ((await ask(gateway, stars))['data'] ? true : undefined))).toBe(true);
}, 300_000);

it('ends with 0 when the supervisor is told to, and leaves no port behind', async () => {
  expect(await gateway.stop()).toBe(0);
  await expect(fetch(gateway.graphql)).rejects.toThrow();
  expect(starts().map(({ pid }) => isGone(pid))).toEqual([true, true, true]);
}, 60_000);

it('leaves nothing behind when the supervisor is killed', async () => {
  gateway = await startGatewayProcess(['--dir', dir], { TRIBUTARY_TOKEN: TOKEN });
  gateway.child.kill('SIGKILL');
  const pid = starts()[0]?.['pid'];
  expect(await eventually(async () => isGone(pid))).toBe(true);
  await expect(fetch(gateway.graphql)).rejects.toThrow();
}, 60_000);
