/** Explaining operations and telling freshness, from the ports inward. */
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Explained } from '../../gateway/execute/explain.ts';
import { startApp } from '../kit/app.ts';
import type { Exchange } from '../kit/exchange.ts';
import { makeFeedGeneration } from '../kit/feed.ts';
import { makeSupply } from '../kit/fixed-supply.ts';
import { startKit } from '../kit/index.ts';
import { removeProjects } from '../kit/project.ts';

const world = join(import.meta.dirname, '../cases/worlds/library');
const posts: Exchange = { request: 'GET /posts', answer: { body: [{ id: 1, authorId: 'p1' }] }, times: 1 };
const people: Exchange = { request: 'GET /people?ids=p1', answer: { body: [{ id: 'p1' }] } };
const query = '{ listPosts { id author { id } } }';

type Body = { data?: unknown; detail?: string; extensions: { explain: Explained; freshness: { stale: unknown } } };

afterAll(() => removeProjects());

describe('the admin port', () => {
  it('explains operations to whoever reaches it, by plan and by running', async () => {
    await using kit = await startKit({ world, exchanges: { posts: [posts], people: [people] } });
    const { admin } = await kit.app.listen();
    const post = async (body: unknown, more: Record<string, string> = {}): Promise<[number, Body]> => {
      const headers = { 'content-type': 'application/json', ...more };
      const response = await fetch(`${admin}/explain`, { method: 'POST', headers, body: JSON.stringify(body) });
      return [response.status, (await response.json()) as Body];
    };
    const [status, plan] = await post({ query });
    expect([status, plan.data, plan.extensions.explain.predictedCalls]).toEqual([200, null, 2]);
    expect(plan.extensions.explain.madeCalls).toBeUndefined();
    expect(kit.calls()).toBe(0);
    const [, run] = await post({ query, analyze: true });
    expect(run.data).toEqual({ listPosts: [{ id: 1, author: { id: 'p1' } }] });
    expect(run.extensions.explain).toMatchObject({
      madeCalls: 2,
      calls: [{ path: 'listPosts', real: { calls: 1 }, calls: [{ real: { keys: 1, outcomes: { ok: 1 } } }] }],
    });
    expect(kit.faults()).toEqual([]);
    // What a page of another site can send without asking first.
    expect((await post({ query, analyze: true }, { 'content-type': 'text/plain' }))[0]).toBe(415);
    expect((await post({ query, analyze: true }, { origin: 'http://elsewhere.example' }))[0]).toBe(403);
    expect(kit.calls()).toBe(2);
    expect((await post({ query: 7 }))[0]).toBe(400);
    expect((await post({ query, more: 1 }))[0]).toBe(400);
    expect((await post({ query: 'x'.repeat(1_100_000) }))[0]).toBe(413);
    const [, bad] = await post({ query: '{ nowhere }' });
    expect(bad).toMatchObject({ errors: [{ extensions: { code: 'VALIDATION_FAILED' } }] });
  }, 120_000);
});

describe('freshness', () => {
  const ages = { maxAgeMs: 1000, staleWhileRevalidateMs: 0, staleIfErrorMs: 60_000 };

  it('names fields that are stale, and why, while the rest is as new as can be', async () => {
    let now = Date.now();
    await using kit = await startKit({
      world,
      now: () => now,
      overrides: { people: { policy: { operations: { listPeople: { cache: ages } } } } },
      exchanges: {
        posts: [{ ...posts, times: 2 }],
        people: [people, { request: 'GET /people?ids=p1', answer: { status: 503 } }],
      },
    });
    const headers = { 'x-tributary-freshness': 'true' };
    expect((await kit.app.query(query, { headers })).body.extensions).toEqual({ freshness: { stale: [] } });
    now += 5000;
    const later = await kit.app.query(query, { headers });
    expect(later.body.data).toEqual({ listPosts: [{ id: 1, author: { id: 'p1' } }] });
    expect(later.body.extensions).toEqual({
      freshness: {
        stale: [
          {
            path: 'listPosts.author',
            coordinate: 'Post.author',
            source: 'people',
            reason: 'stale-if-error',
            ageMs: 5000,
          },
        ],
      },
    });
    expect(kit.faults()).toEqual([]);
    expect((await kit.app.query('{ __typename }')).body.extensions).toBeUndefined();
  }, 120_000);
});

describe('what comes in parts', () => {
  const settings = { explain: { principals: ['anonymous'] } };

  it('is explained with its last part', async () => {
    const generation = makeFeedGeneration('g');
    await using app = startApp(makeSupply(generation), settings);
    const response = await app.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'multipart/mixed',
          'x-tributary-explain': 'analyze',
        },
        body: JSON.stringify({ query: '{ __typename ... @defer { __typename } }' }),
      }),
    );
    const text = await response.text();
    expect(text.match(/"explain"/g)).toHaveLength(1);
  });

  it('is planned but not analyzed where it has no end', async () => {
    const generation = makeFeedGeneration('g');
    await using app = startApp(makeSupply(generation), settings);
    const ask = (mode: string) =>
      app.query('subscription { ticks { id owner { name } } }', {
        headers: { accept: 'text/event-stream, application/json', 'x-tributary-explain': mode },
      });
    expect((await ask('analyze')).body.errors?.[0]?.extensions['code']).toBe('BAD_REQUEST');
    expect((await ask('plan')).body.extensions?.['explain']).toMatchObject({ operation: { kind: 'subscription' } });
    expect((await ask('loudly')).body.errors?.[0]?.message).toContain('x-tributary-explain: plan');
    expect(generation.feed.streams).toEqual([]);
  });
});
