/** API keys, proofs of the connection, and what becomes of connections whose proof is bad or ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashKey } from '../../gateway/identify/key-store.ts';
import { startApp } from '../kit/app.ts';
import { createFeed, makeFeedGeneration } from '../kit/feed.ts';
import { makeSupply } from '../kit/fixed-supply.ts';
import { ask } from '../kit/serve-feed.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';
import { until } from '../kit/until.ts';
import { openWhoami, type Told } from './whoami.ts';

const shown = (key: string): Record<string, string> => ({ 'x-api-key': key });
const secret = (key: string, expiresAt?: string) => ({ hash: hashKey(key), ...(expiresAt && { expiresAt }) });
const record = (id: string, ...secrets: object[]) => ({ id, secrets });

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('a proxy', () => {
  const headers = {
    address: 'x-forwarded-for',
    id: 'x-user',
    tenant: 'x-tenant',
    roles: 'x-roles',
    scopes: 'x-scopes',
  };
  const said = {
    'x-user': 'root',
    'x-tenant': 'acme',
    'x-roles': 'admin, staff',
    'x-scopes': 'a b',
    'x-forwarded-for': '6.6.6.6, 203.0.113.9:1234, 127.0.0.1',
  };

  async function told(
    addresses: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<Told & { peer: unknown }> {
    const { app } = openWhoami({ trustedProxy: { addresses, headers } });
    const { url } = await app.listen();
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...said, ...more },
      body: '{"query":"{ me peer }"}',
    });
    const { data } = (await response.json()) as { data: { me: string; peer: string } };
    await app[Symbol.asyncDispose]();
    return { status: response.status, principal: JSON.parse(data.me), peer: JSON.parse(data.peer) };
  }

  it('is believed from a listed address: who asks, and where from', async () => {
    expect(await told(['127.0.0.0/8', '::1'])).toEqual({
      status: 200,
      principal: {
        kind: 'proxy',
        id: 'proxy:root',
        tenant: 'acme',
        roles: ['admin', 'staff'],
        scopes: ['a', 'b'],
        claims: { sub: 'root', tenant: 'acme' },
      },
      peer: { address: '203.0.113.9', isProxied: true },
    });
    expect((await told(['127.0.0.1'], { 'x-user': '' })).principal).toMatchObject({ id: 'anonymous' });
  });

  it('is believed from nowhere else: what anybody writes changes nothing', async () => {
    expect(await told(['10.0.0.0/8', '127.0.0.2'])).toMatchObject({
      principal: { id: 'anonymous', roles: [] },
      peer: { address: '127.0.0.1' },
    });
  });
});

describe('a connection', () => {
  const keys = [record('a', secret('k'))];
  async function serve(identity: Readonly<Record<string, unknown>>) {
    const feed = createFeed();
    const app = startApp(makeSupply(makeFeedGeneration('g', feed)), {
      drainMs: 300,
      identity,
      websocket: { initHeaders: ['x-api-key'] },
    });
    return { app, feed, url: `${(await app.listen()).url}/graphql` };
  }

  it('shows its proof in connection_init, and is closed with 4401 for a bad one', async () => {
    const { app, url } = await serve({ anonymous: false, apiKeys: { keys } });
    const good = await connect(url, { init: { 'X-Api-Key': 'k' } });
    good.send(subscribeMessage('1', '{ __typename }'));
    expect(await good.next()).toMatchObject({ type: 'next' });
    for (const init of [{ 'x-api-key': 'wrong' }, {}, undefined]) {
      const bad = await connect(url, { handshake: false });
      bad.send({ type: 'connection_init', ...(init && { payload: init }) });
      expect(await bad.closed).toEqual({ code: 4401, reason: 'UNAUTHENTICATED' });
    }
    await app[Symbol.asyncDispose]();
  });

  it('ends with its proof, and every subscription with it, over WebSocket and in server-sent events', async () => {
    const expiring = record('a', secret('k', new Date(Date.now() + 1500).toISOString()));
    const { app, url, feed } = await serve({ apiKeys: { keys: [expiring] } });
    const client = await connect(url, { headers: shown('k') });
    client.send(subscribeMessage('1', 'subscription { ticks { id } }'));
    const { parts } = await ask(url, 'subscription { ticks { id } }', 'text/event-stream', shown('k'));
    await until(() => feed.open() === 2);
    expect(await parts.rest()).toEqual([
      { errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'UNAUTHENTICATED' }) })] },
    ]);
    expect(await client.closed).toEqual({ code: 4403, reason: 'The proof of identity has expired' });
    await until(() => feed.open() === 0);
    const again = await connect(url, { handshake: false, headers: shown('k') });
    again.send({ type: 'connection_init' });
    expect((await again.closed).code).toBe(4401);
    await app[Symbol.asyncDispose]();
  });
});
