/** Prices and costs as clients, operators and the command line see them. */
import { describe, expect, it } from 'vitest';
import { costText } from '../../gateway/cli/cost-text.ts';
import { runCli } from '../../gateway/cli/index.ts';
import type { RequestContext } from '../../gateway/context.ts';
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import { startApp } from '../kit/app.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';
import { root } from '../repository.ts';

const SDL = `${WIRE_DIRECTIVES}
  extend schema @transport(subgraph: "posts", kind: "rest") @transport(subgraph: "people", kind: "rest")
  type Query { listPosts: [Post] @httpOperation(subgraph: "posts", path: "/", httpMethod: "GET")
    people(ids: [ID]): [Person] @httpOperation(subgraph: "people", path: "/", httpMethod: "GET") }
  type Post @source(subgraph: "posts") { id: ID title: String author: Person
    @resolveTo(sourceName: "people", sourceFieldName: "people", keyField: "id", keysArg: "ids", valueKeyField: "id", batchSize: 50) }
  type Person @source(subgraph: "people") { id: ID }`;
const query = '{ listPosts { id author { id } } }';

function start(settings: Record<string, unknown> = {}) {
  let calls = 0;
  const call = (context: RequestContext, source: string, operation: string): void => {
    calls += 1;
    context.calls.push({ source, operation, keys: 0, ms: 1, bytes: 0, outcome: 'ok' });
  };
  const listPosts = (_source: unknown, _args: unknown, context: RequestContext) => {
    call(context, 'posts', 'listPosts');
    return [{ id: '1', title: 'a' }];
  };
  const author = (_source: unknown, _args: unknown, context: RequestContext) => {
    call(context, 'people', 'people');
    return { id: 'p1' };
  };
  const schema = makeSchema(SDL, { Query: { listPosts }, Post: { author } });
  return { app: startApp(makeSupply(makeGeneration('g', schema)), settings), calls: () => calls };
}

async function cli(...argv: string[]) {
  const output = { out: '', err: '' };
  const code = await runCli({
    argv,
    env: {},
    cwd: root,
    isTerminal: false,
    out: (text) => {
      output.out += text;
    },
    err: (text) => {
      output.err += text;
    },
    uptimeMs: () => 0,
    onSignal: () => () => undefined,
  });
  return { code, ...output };
}

describe('the command cost', () => {
  it('asks a gateway what an operation would cost, also one that is too dear for clients, and what it cost', async () => {
    const { app, calls } = start({ cost: { max: 30 } });
    await using _ = app;
    const { admin } = await app.listen();
    expect((await app.query(query)).body.errors?.[0]?.extensions['code']).toBe('LIMIT_COST');
    expect(await cli('cost', query, '--gateway', admin)).toEqual({
      code: 0,
      err: '',
      out: [
        '52 points, 2 calls expected',
        '  30  58 %  listPosts.author  Post.author [1 call]',
        '  21  40 %  listPosts  Query.listPosts [1 call]',
        '   1   2 %  the operation itself',
        '',
      ].join('\n'),
    });
    expect(calls()).toBe(0);
    const { out } = await cli('cost', query, '--gateway', admin, '--analyze');
    expect(out).toMatch(/^52 points, 2 calls expected; it cost 25 points with 2 calls\n/);
    const bad = await cli('cost', '{ nowhere }', '--gateway', admin);
    expect([bad.code, bad.out, bad.err]).toEqual([1, '', expect.stringMatching(/Cannot query field "nowhere"/)]);
  }, 120_000);

  it('prices an operation of a project that is not served, with variables, for programs too', async () => {
    const sized = 'query ($n: Int) { orders(limit: $n) { id } }';
    const { code, out } = await cli('cost', sized, '--variables', '{"n": 7}', '--json');
    expect([code, JSON.parse(out)]).toEqual([
      0,
      {
        price: 19,
        cost: 0,
        calls: { predicted: 1, made: 0 },
        parts: [{ coordinate: 'Query.orders', path: 'orders', source: 'orders', points: 18, calls: 1 }],
      },
    ]);
    expect((await cli('cost')).code).toBe(2);
    expect((await cli('cost', sized, '--variables', '[]')).err).toMatch(/--variables wants a JSON object/);
  }, 120_000);
});

describe('a price as text', () => {
  const part = (points: number) => ({ coordinate: 'A.b', path: 'a.b', source: 's', points, calls: 0 });
  const report = { price: 100.5, cost: 1, calls: { predicted: 1, made: 1 } };

  it('tells the dearest fields, and of the others how much they are', () => {
    const text = costText({ ...report, parts: Array.from({ length: 25 }, () => part(4)), truncated: true }, false);
    expect(text.split('\n')).toHaveLength(24);
    expect(text).toContain('20.5  20 %  the operation, and 5 fields more');
    expect(text).toContain('… and more: the operation is too large');
  });

  it('tells what it cost when it was run', () => {
    expect(costText({ ...report, parts: [part(100.5)] }, true)).toBe(
      '100.5 points, 1 call expected; it cost 1 point with 1 call\n  100.5  100 %  a.b  A.b\n',
    );
  });
});

describe('extensions.cost', () => {
  it('is for whom the configuration names, in as much detail as they ask for', async () => {
    const { app } = start({ cost: { principals: ['anonymous'] } });
    const ask = async (asked: string | undefined) => {
      const { body, headers } = await app.query('{ __typename }', {
        headers: asked === undefined ? {} : { 'x-tributary-cost': asked },
      });
      return [body.extensions?.['cost'], headers.get('x-tributary-price')];
    };
    const figures = { price: 1, cost: 1, calls: { predicted: 0, made: 0 } };
    expect(await ask(undefined)).toEqual([undefined, null]);
    expect(await ask('0')).toEqual([undefined, null]);
    expect(await ask('1')).toEqual([figures, '1']);
    expect(await ask('parts')).toEqual([{ ...figures, parts: [] }, '1']);
    const other = start();
    expect(
      (await other.app.query('{ __typename }', { headers: { 'x-tributary-cost': '1' } })).body.extensions,
    ).toBeUndefined();
  }, 60_000);

  it('is in the last part of an answer in parts, and in each operation of a list', async () => {
    const { app } = start({ cost: { principals: ['anonymous'] }, batching: { max: 2 } });
    const send = (body: unknown, accept: string) =>
      app.fetch(
        new Request('http://gateway.test/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept, 'x-tributary-cost': '1' },
          body: JSON.stringify(body),
        }),
      );
    const text = await (await send({ query: '{ listPosts { id ... @defer { title } } }' }, 'multipart/mixed')).text();
    const [, last] = text.split('"hasNext":true');
    expect(text.match(/"cost":\{/g)).toHaveLength(1);
    // Nobody counts what comes later: fields as priced.
    expect(last).toMatch(/"cost":\{"price":22,"cost":22,"calls":\{"predicted":1,"made":1\}\}/);
    const list = await send([{ query: '{ listPosts { id } }' }, { query: '{ __typename }' }], 'application/json');
    expect([list.headers.get('x-tributary-price'), list.headers.get('x-tributary-cost')]).toEqual(['23', '14']);
    expect(await list.json()).toMatchObject([
      { extensions: { cost: { price: 22, cost: 13, calls: { predicted: 1, made: 1 } } } },
      { extensions: { cost: { price: 1, cost: 1, calls: { predicted: 0, made: 0 } } } },
    ]);
  });
});
