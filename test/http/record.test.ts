/** Which operations are recorded, whichever way they come in. */
import { createHash } from 'node:crypto';
import { parse } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryRecords } from '../../gateway/record/memory-store.ts';
import { createRecorder, type Run } from '../../gateway/record/recorder.ts';
import type { OperationSeen, RecordStore } from '../../gateway/record/store.ts';
import { type KitApp, startApp } from '../kit/app.ts';
import { createFakeClock } from '../kit/clock.ts';
import { createFeed, makeFeedGeneration } from '../kit/feed.ts';
import { makeSchema, makeSupply } from '../kit/fixed-supply.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';

const apps: KitApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app[Symbol.asyncDispose]();
});

function open(settings: Readonly<Record<string, unknown>> = {}) {
  const clock = createFakeClock();
  const records = createMemoryRecords({ max: 100, keepMs: 3_600_000, now: clock.now });
  const feed = createFeed(() => 'hello');
  const app = startApp(makeSupply(makeFeedGeneration('g1', feed)), { drainMs: 300, ...settings }, undefined, {
    operations: records,
  });
  apps.push(app);
  return { app, feed, clock, records };
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('an operation that runs', () => {
  it('is recorded with its hash, name and client, and what it uses', async () => {
    const { app, records, clock } = open();
    const text = 'query Hi($wait: Boolean) { hello(wait: $wait) }';
    const startMs = clock.now();
    await app.query(text, { headers: { 'x-client-name': ' web ', 'x-client-version': '1.2' } });
    clock.advance(61_000);
    await app.query(text, {
      variables: { wait: true },
      headers: { 'x-client-name': 'web', 'x-client-version': '1.2' },
    });
    await app.query(text, { headers: { 'apollographql-client-name': 'phone' } });
    await app.query(text);
    const known = { hash: hashOf(text), name: 'Hi', coordinates: ['Query.hello', 'Query.hello.wait'] };
    expect(await records.list()).toEqual([
      { ...known, client: undefined, count: 1, lastSeen: startMs + 60_000 },
      { ...known, client: 'phone', count: 1, lastSeen: startMs + 60_000 },
      { ...known, client: 'web@1.2', count: 2, lastSeen: startMs + 60_000 },
    ]);
  });

  it('is the one of its document that was asked for', async () => {
    const { app, records } = open();
    const text = 'query A { hello } mutation B { tick(id: 1) { id } }';
    await app.query(text, { operationName: 'B' });
    expect(await records.list()).toMatchObject([
      { name: 'B', coordinates: ['Mutation.tick', 'Mutation.tick.id', 'Tick.id'] },
    ]);
  });

  it('is recorded also when it fails upstream', async () => {
    const { app, records } = open();
    await app.query('{ owners(ids: [1]) { name } }');
    expect(await records.list()).toMatchObject([
      { name: '', coordinates: ['Owner.name', 'Query.owners', 'Query.owners.ids'] },
    ]);
  });

  it('over WebSocket too: queries and subscriptions, by the client that connected', async () => {
    const { app, feed, records } = open({ websocket: { initHeaders: ['x-client-name'] } });
    const { url } = await app.listen();
    const client = await connect(`${url}/graphql`, { init: { 'x-client-name': 'screen' } });
    client.send(subscribeMessage('q', '{ hello }'));
    expect((await client.next()).type).toBe('next');
    expect((await client.next()).type).toBe('complete');
    client.send(subscribeMessage('s', 'subscription S { ticks { id } }'));
    await expect.poll(() => feed.open()).toBe(1);
    client.send(subscribeMessage('x', '{ nothing }'));
    expect((await client.next()).type).toBe('error');
    expect((await records.list()).map(({ name, client: who, coordinates }) => [name, who, coordinates])).toEqual(
      expect.arrayContaining([
        ['', 'screen', ['Query.hello']],
        ['S', 'screen', ['Subscription.ticks', 'Tick.id']],
      ]),
    );
    expect(await records.list()).toHaveLength(2);
    client.socket.close();
    await client.closed;
  });
});

it('what does not run is not recorded: faults, and what an operator has explained', async () => {
  const { app, records } = open();
  for (const text of ['{ hello', '{ nothing }', 'query A { hello } query B { hello }']) await app.query(text);
  const explained = await app.explain(
    new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tributary-explain': 'plan' },
      body: JSON.stringify({ query: '{ hello }' }),
    }),
  );
  expect(explained.status).toBe(200);
  expect(await records.list()).toEqual([]);
});

it('without a store nothing is recorded, and everything runs', async () => {
  const app = startApp(
    makeSupply(
      makeFeedGeneration(
        'g1',
        createFeed(() => 'hello'),
      ),
    ),
  );
  apps.push(app);
  expect((await app.query('{ hello }')).body).toEqual({ data: { hello: 'hello' } });
});

describe('a recorder', () => {
  const schema = makeSchema('type Query { a: Int b: Int }');
  const run = (text: string, hash: string, headers: [string, string][] = []): Run => ({
    schema,
    document: parse(text),
    operationName: undefined,
    operation: { kind: 'query', name: 'N'.repeat(500), hash },
    headers: new Map(headers),
  });
  function collect(): { store: RecordStore; seen: OperationSeen[] } {
    const seen: OperationSeen[] = [];
    const store = {
      record: (one: OperationSeen) => void seen.push(one),
      list: async () => [],
      [Symbol.asyncDispose]: async () => undefined,
    };
    return { store, seen };
  }

  it('looks into a document once, as long as it remembers it', () => {
    const { store, seen } = collect();
    const record = createRecorder(store, { mostDocuments: 2 });
    record(run('{ a }', '1'));
    // Were it looked into again, it would be seen to use something else.
    record(run('{ b }', '1'));
    expect(seen.map(({ coordinates }) => coordinates)).toEqual([['Query.a'], ['Query.a']]);
    record(run('{ b }', '2'));
    record(run('{ b }', '3'));
    record(run('{ b }', '1'));
    expect(seen.at(-1)?.coordinates).toEqual(['Query.b']);
  });

  it('bounds what clients write', () => {
    const { store, seen } = collect();
    const headers: [string, string][] = [
      ['x-client-name', 'a\u0000b'.repeat(100)],
      ['x-client-version', 'v'.repeat(1000)],
    ];
    createRecorder(store)(run('{ a }', '1', headers));
    expect(seen[0]?.name).toHaveLength(200);
    expect(seen[0]?.client?.length).toBeLessThanOrEqual(201);
    expect(seen[0]?.client).toMatch(/^(ab)+a?@v+$/);
    createRecorder(store)(run('{ a }', '1', [['x-client-name', ' \u0007 ']]));
    expect(seen[1]?.client).toBeUndefined();
  });
});
