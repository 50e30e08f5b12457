/** Proofs that are taken back while connections and subscriptions go on: what ends, when, and what does not. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashKey } from '../../gateway/identify/key-store.ts';
import { type KitApp, startApp } from '../kit/app.ts';
import { createFakeClock } from '../kit/clock.ts';
import { createFeed, makeFeedGeneration } from '../kit/feed.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';
import { ask } from '../kit/serve-feed.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';
import { until } from '../kit/until.ts';
import { type Authority, startAuthority } from '../security/issuer.ts';
import { bearer } from '../security/whoami.ts';

const TICKS = 'subscription { ticks { id } }';
const LOST = { code: 4403, reason: 'The proof of identity is no longer accepted' };
const shown = { 'x-api-key': 'k' };
const file = () => join(dir, 'keys.yaml');

let dir = '';
let authority: Authority;
let apps: KitApp[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'taken-back-'));
  authority = await startAuthority();
});
// Pings, and questions about proofs, come when a test says so.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(async () => {
  for (const app of apps) await app[Symbol.asyncDispose]();
  apps = [];
  vi.useRealTimers();
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

/** Another file in the place of the last one, so that it is seen to be another. */
async function writeKeys(...keys: readonly { readonly id: string; readonly roles?: readonly string[] }[]) {
  const records = keys.map((key) => ({ ...key, secrets: [{ hash: hashKey('k') }] }));
  await writeFile(`${file()}.new`, JSON.stringify({ keys: records }));
  await rename(`${file()}.new`, file());
}

async function serve(identity: Readonly<Record<string, unknown>> = { apiKeys: { file: file(), refreshMs: 5000 } }) {
  const clock = createFakeClock();
  const feed = createFeed();
  const app = startApp(makeSupply(makeFeedGeneration('g', feed)), { drainMs: 300, identity }, clock.now);
  apps.push(app);
  const { url } = await app.listen();
  /** Lets what is remembered of proofs grow old, and asks about those that are in use. */
  const askAgain = (): void => {
    clock.advance(61_000);
    vi.advanceTimersByTime(12_000);
  };
  return { clock, feed, askAgain, url: `${url}/graphql` };
}

async function subscribed(url: string, headers: Readonly<Record<string, string>>) {
  const client = await connect(url, { headers });
  client.send(subscribeMessage('1', TICKS));
  return client;
}

const unauthenticated = (message: string) => ({
  errors: [expect.objectContaining({ message, extensions: expect.objectContaining({ code: 'UNAUTHENTICATED' }) })],
});

describe('a connection whose key is revoked', () => {
  it('is closed by its next operation, which is not run', async () => {
    await writeKeys({ id: 'a' });
    const { url, clock, feed } = await serve();
    const client = await connect(url, { headers: shown });
    client.send(subscribeMessage('1', '{ hello }'));
    expect(await client.next()).toMatchObject({ type: 'next' });
    await writeKeys();
    clock.advance(5001);
    client.send(subscribeMessage('2', '{ hello }'), subscribeMessage('3', '{ hello }'));
    expect(await client.closed).toEqual(LOST);
    expect(feed.calls).toHaveLength(1);
  });

  it('is closed at a ping while a subscription goes on', async () => {
    await writeKeys({ id: 'a' });
    const { url, feed, askAgain } = await serve();
    const client = await subscribed(url, shown);
    await until(() => feed.open() === 1);
    await writeKeys();
    askAgain();
    expect(await client.closed).toEqual(LOST);
    await until(() => feed.open() === 0);
  });

  it('ends what goes on also where the client does not hear of it', async () => {
    await writeKeys({ id: 'a' });
    const { url, feed, askAgain } = await serve();
    const client = await subscribed(url, shown);
    await until(() => feed.open() === 1);
    client.socket.pause();
    await writeKeys();
    askAgain();
    await until(() => feed.open() === 0);
    client.socket.terminate();
  });

  it('is closed as well where the key is somebody else’s by then', async () => {
    await writeKeys({ id: 'a' });
    const { url, feed, askAgain } = await serve();
    const client = await subscribed(url, shown);
    await until(() => feed.open() === 1);
    await writeKeys({ id: 'b' });
    askAgain();
    expect(await client.closed).toEqual(LOST);
  });

  it('goes on where the key is as good as before, and where nothing was shown', async () => {
    await writeKeys({ id: 'a' });
    const { url, feed, askAgain } = await serve();
    const clients = [await subscribed(url, shown), await subscribed(url, {})];
    await until(() => feed.open() === 2);
    await writeKeys({ id: 'a', roles: ['more'] });
    askAgain();
    for (const { push } of feed.streams) push({ id: '1' });
    for (const client of clients) expect(await client.next()).toMatchObject({ type: 'next' });
  });
});

it('an operation of a connection has the roles that its key has by then', async () => {
  await writeKeys({ id: 'a', roles: ['first'] });
  const clock = createFakeClock();
  const schema = makeSchema('type Query { roles: [String] }', {
    Query: { roles: (_parent, _args, { principal }) => principal.roles },
  });
  const identity = { apiKeys: { file: file(), refreshMs: 5000 } };
  const app = startApp(makeSupply(makeGeneration('g', schema)), { identity }, clock.now);
  apps.push(app);
  const client = await connect(`${(await app.listen()).url}/graphql`, { headers: shown });
  const roles = async (id: string): Promise<unknown> => {
    client.send(subscribeMessage(id, '{ roles }'));
    const [{ payload }] = [await client.next(), await client.next()];
    return payload;
  };
  expect(await roles('1')).toEqual({ data: { roles: ['first'] } });
  await writeKeys({ id: 'a', roles: ['second'] });
  clock.advance(5001);
  expect(await roles('2')).toEqual({ data: { roles: ['second'] } });
});

describe('a subscription over server-sent events', () => {
  it('ends with its key, after events as before any, and asks no more', async () => {
    await writeKeys({ id: 'a' });
    const { url, feed, askAgain } = await serve();
    const { parts } = await ask(url, TICKS, 'text/event-stream', shown);
    await until(() => feed.open() === 1);
    feed.streams[0]?.push({ id: '1' });
    expect(await parts.take(1)).toEqual([{ data: { ticks: { id: '1' } } }]);
    askAgain();
    feed.streams[0]?.push({ id: '2' });
    expect(await parts.take(1)).toEqual([{ data: { ticks: { id: '2' } } }]);
    await writeKeys();
    askAgain();
    expect(await parts.rest()).toEqual([unauthenticated('The API key is not accepted.')]);
    await until(() => feed.open() === 0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends where the key is somebody else’s by then', async () => {
    await writeKeys({ id: 'a' });
    const { url, feed, askAgain } = await serve();
    const { parts } = await ask(url, TICKS, 'text/event-stream', shown);
    await until(() => feed.open() === 1);
    await writeKeys({ id: 'b' });
    askAgain();
    expect(await parts.rest()).toEqual([unauthenticated('The proof of identity is of somebody else by now.')]);
  });
});

describe('a token that only its issuer can read', () => {
  const introspection = () => ({
    introspection: { url: `${authority.url}/introspect`, clientId: 'g', clientSecret: 'p', keepMs: 60_000 },
  });
  const answer = (status: number, active: boolean): void => {
    authority.answer = () => ({ status, body: { active, sub: 'ada' } });
  };

  it('ends what it opened when it is active no more, and not while its issuer cannot be asked', async () => {
    answer(200, true);
    const { url, feed, askAgain } = await serve(introspection());
    const client = await subscribed(url, bearer('opaque'));
    const { parts } = await ask(url, TICKS, 'text/event-stream', bearer('opaque'));
    await until(() => feed.open() === 2);
    const before = authority.asked.length;
    answer(500, true);
    askAgain();
    await until(() => authority.asked.length > before);
    // What cannot be found out is no refusal; who asks anew is told so.
    client.send(subscribeMessage('2', '{ hello }'));
    expect(await client.next()).toMatchObject({
      type: 'error',
      id: '2',
      payload: [{ extensions: { code: 'SOURCE_UNAVAILABLE' } }],
    });
    expect(feed.open()).toBe(2);
    answer(200, false);
    askAgain();
    expect(await client.closed).toEqual(LOST);
    expect(await parts.rest()).toEqual([unauthenticated('The token is not accepted.')]);
    await until(() => feed.open() === 0);
  });
});
