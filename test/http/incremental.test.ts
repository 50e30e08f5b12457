/** `@defer`: in parts to who takes parts, whole to everybody else. */
import { afterEach, describe, expect, it } from 'vitest';
import { createFeed } from '../kit/feed.ts';
import { ask, closeFeeds, serveFeed } from '../kit/serve-feed.ts';
import { until } from '../kit/until.ts';

afterEach(closeFeeds);

const APOLLO = 'multipart/mixed;deferSpec=20220824,application/json';

/** Owners come when a test says so. */
function makeSlowOwners() {
  const waiting: ((rows: unknown) => void)[] = [];
  const feed = createFeed(({ operation, args }) => {
    if (operation === 'tick') return { id: args['id'], ownerId: 'o' };
    return operation === 'hello' ? 'hi' : new Promise((resolve) => waiting.push(resolve));
  });
  return { feed, waiting };
}

describe('@defer', () => {
  it.each(['multipart/mixed', 'text/event-stream', APOLLO, '*/*'])('comes after the rest, as %s', async (accept) => {
    const { feed, waiting } = makeSlowOwners();
    const { app, url, operations } = await serveFeed({}, feed);
    const { response, parts, type } = await ask(
      url,
      'query D { hello ... @defer(label: "late") { owners(ids: ["o"]) { name } } }',
      accept,
    );
    expect([response.status, type]).toEqual([200, accept === 'text/event-stream' ? accept : 'multipart/mixed']);
    expect(response.headers.get('x-request-id')).toMatch(/^id-/);
    expect(await parts.take(1)).toEqual([{ data: { hello: 'hi' }, hasNext: true }]);
    expect(operations().at(-1)).toBeUndefined();
    await until(() => waiting.length === 1);
    waiting[0]?.([{ id: 'o', name: 'Ann' }]);
    expect(await parts.rest()).toEqual([
      { incremental: [{ data: { owners: [{ name: 'Ann' }] }, path: [], label: 'late' }], hasNext: false },
    ]);
    await until(() => operations().at(-1) !== undefined);
    expect(operations().at(-1)).toMatchObject({ operation: 'D', kind: 'query', calls: 2, payloads: 2 });
    expect(app.lines.filter(({ msg }) => msg === 'operation')).toHaveLength(1);
  });

  it.each(['application/json', 'application/graphql-response+json', 'multipart/mixed;q=0, application/json'])(
    'is part of the one answer of who takes no parts: %s',
    async (accept) => {
      const feed = createFeed(({ operation }) => (operation === 'hello' ? 'hi' : [{ id: 'o', name: 'Ann' }]));
      const { url } = await serveFeed({}, feed);
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query: '{ hello ... @defer { owners(ids: ["o"]) { name } } }' }),
      });
      expect(response.headers.get('x-tributary-calls')).toBe('2');
      expect(await response.json()).toEqual({ data: { hello: 'hi', owners: [{ name: 'Ann' }] } });
    },
  );

  it('masks errors of patches like all others', async () => {
    const feed = createFeed(({ operation }) => {
      if (operation === 'hello') throw new Error('password=first');
      throw new Error('password=second');
    });
    const { app, url, operations, hasMetric } = await serveFeed({}, feed);
    const { parts } = await ask(url, '{ hello ... @defer { owners(ids: ["o"]) { name } } }', 'multipart/mixed', {
      'x-request-id': 'defer-1',
    });
    const all = await parts.rest();
    expect(all).toMatchObject([
      { data: { hello: null }, errors: [{ path: ['hello'], extensions: { code: 'INTERNAL', requestId: 'defer-1' } }] },
      { incremental: [{ errors: [{ path: ['owners'], extensions: { code: 'INTERNAL', requestId: 'defer-1' } }] }] },
    ]);
    expect(JSON.stringify(all)).not.toMatch(/password|"http"/);
    await until(() => operations().at(-1) !== undefined);
    expect(operations().at(-1)).toMatchObject({ codes: ['INTERNAL'], level: 'error' });
    expect(app.lines.filter(({ msg }) => msg === 'unknown error')).toHaveLength(2);
    expect(await hasMetric('tributary_errors_total{code="INTERNAL",source=""} 2')).toBe(true);
  });

  it('ends with the deadline of the request', async () => {
    const { feed } = makeSlowOwners();
    const { url, operations } = await serveFeed({ deadline: { defaultMs: 30 } }, feed);
    const { parts } = await ask(url, '{ hello ... @defer { owners(ids: ["o"]) { name } } }', 'multipart/mixed');
    expect(await parts.rest()).toMatchObject([
      { data: { hello: 'hi' }, hasNext: true },
      { errors: [{ extensions: { code: 'DEADLINE_EXCEEDED' } }], hasNext: false },
    ]);
    await until(() => operations().at(-1) !== undefined);
    expect(operations().at(-1)).toMatchObject({ codes: ['DEADLINE_EXCEEDED'] });
  });

  it('may end by itself when the gateway stops', async () => {
    const { feed, waiting } = makeSlowOwners();
    const { app, url } = await serveFeed({ drainMs: 10_000 }, feed);
    const { parts } = await ask(url, '{ hello ... @defer { owners(ids: ["o"]) { name } } }', 'multipart/mixed');
    await parts.take(1);
    await until(() => waiting.length === 1);
    const stopped = app[Symbol.asyncDispose]();
    await until(() =>
      fetch(url).then(
        () => false,
        () => true,
      ),
    );
    waiting[0]?.([{ id: 'o', name: 'Ann' }]);
    expect(await parts.rest()).toMatchObject([{ incremental: [{ data: { owners: [{ name: 'Ann' }] } }] }]);
    await stopped;
    expect(app.lines.at(-1)).toMatchObject({ msg: 'gateway stopped', abandoned: 0 });
  });

  it('is left when its client leaves', async () => {
    const { feed, waiting } = makeSlowOwners();
    const { url, operations, hasMetric } = await serveFeed({}, feed);
    const { parts, controller } = await ask(
      url,
      '{ hello ... @defer { owners(ids: ["o"]) { name } } }',
      'multipart/mixed',
    );
    await parts.take(1);
    await until(() => waiting.length === 1);
    controller.abort();
    await until(() => operations().at(-1) !== undefined);
    expect(operations().at(-1)).toMatchObject({ codes: ['CLIENT_CLOSED'] });
    expect(feed.calls.at(-1)?.signal.aborted).toBe(true);
    await until(() => hasMetric('tributary_streams_open 0'));
  });

  it.each([
    ['mutation { ... @defer { tick(id: "1") { id } } }', 'VALIDATION_FAILED'],
    ['{ hello @stream }', 'VALIDATION_FAILED'],
    ['{ ... @defer(label: "a") { hello } ... @defer(label: "a") { hello } }', 'VALIDATION_FAILED'],
  ])('where it may not stand is refused: %s', async (query, code) => {
    const { app } = await serveFeed();
    expect((await app.query(query)).body.errors?.[0]?.extensions['code']).toBe(code);
  });

  it('works below a mutation and in several places', async () => {
    const { feed, waiting } = makeSlowOwners();
    const { url } = await serveFeed({}, feed);
    const { parts } = await ask(
      url,
      'mutation { tick(id: "7") { id ... @defer { owner { name } } } }',
      'multipart/mixed',
    );
    expect(await parts.take(1)).toEqual([{ data: { tick: { id: '7' } }, hasNext: true }]);
    await until(() => waiting.length === 1);
    waiting[0]?.([{ id: 'o', name: 'Ann' }]);
    expect(await parts.rest()).toEqual([
      { incremental: [{ data: { owner: { name: 'Ann' } }, path: ['tick'] }], hasNext: false },
    ]);
  });

  it('stands in the schema as it is served', async () => {
    const { app } = await serveFeed();
    const { body } = await app.query('{ __schema { directives { name } } }');
    const names = (body.data as { __schema: { directives: { name: string }[] } }).__schema.directives.map(
      ({ name }) => name,
    );
    expect(names).toEqual(expect.arrayContaining(['defer', 'stream', 'skip', 'include']));
  });
});
