/** When the stage shares a run, and what ends that. */
import { buildSchema, type ExecutionArgs, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../gateway/context.ts';
import { Ending } from '../../../gateway/lib/ending.ts';
import { useShare } from '../../../gateway/share/index.ts';

const schema = buildSchema('type Query { a(n: Int): Int } type Mutation { b: Int }');

function prepare(keeping: object = {}, isOwn = true) {
  const runs: (() => void)[] = [];
  const known = { never: undefined, sources: ['s'], headers: ['x-shop'], privateAt: undefined, ...keeping };
  const plugin = useShare({
    insight: { keeping: ({ variables }) => ({ keeping: known, name: '', variables: variables ?? {} }) as never },
    hasOwnResolvers: () => isOwn,
    isEnabled: true,
    onJoined: () => undefined,
  });
  const executeFn = (): Promise<object> => new Promise((resolve) => runs.push(() => resolve({ data: {} })));
  const ask = (text: string, own: Partial<RequestContext> = {}, variableValues: Record<string, unknown> = {}) => {
    const contextValue = {
      ...{
        signal: new AbortController().signal,
        over: new Ending(),
        deadline: 1,
        calls: [],
        headers: new Map(),
        isWatched: false,
      },
      ...{ grants: { key: '', isShared: true, denied: undefined }, principal: { id: 'anonymous' } },
      ...own,
    } as object as RequestContext;
    const args: ExecutionArgs = { schema, document: parse(text), contextValue, variableValues };
    let run: (given: ExecutionArgs) => unknown = executeFn;
    const setExecuteFn = (given: typeof run): void => {
      run = given;
    };
    plugin.onExecute?.({ args, executeFn, setExecuteFn } as never);
    return run(args) as Promise<object>;
  };
  return { ask, runs };
}

const QUERY = '{ a }';
const countOf = (
  requests: readonly Parameters<ReturnType<typeof prepare>['ask']>[],
  keeping?: object,
  isOwn?: boolean,
) => {
  const { ask, runs } = prepare(keeping, isOwn);
  for (const request of requests) void ask(...request);
  return runs.length;
};

describe('the share stage', () => {
  it.each<[string, number, Parameters<typeof countOf>]>([
    ['equal queries once', 1, [[[QUERY], [QUERY]]]],
    ['those that send the same, whoever asks', 1, [[[QUERY, { principal: { id: 'p' } as never }], [QUERY]]]],
    [
      'private ones by principal',
      2,
      [[[QUERY, { principal: { id: 'p' } as never }], [QUERY]], { privateAt: 'Query.a' }],
    ],
    [
      'other variables apart',
      2,
      [
        [
          [QUERY, {}, { n: 1 }],
          [QUERY, {}, { n: 2 }],
        ],
      ],
    ],
    [
      'variables that are no plain values apart',
      2,
      [
        [
          [QUERY, {}, { n: new Date() }],
          [QUERY, {}, { n: new Date() }],
        ],
      ],
    ],
    ['other headers that are sent on apart', 2, [[[QUERY, { headers: new Map([['x-shop', '1']]) }], [QUERY]]]],
    ['other headers together', 1, [[[QUERY, { headers: new Map([['x-other', '1']]) }], [QUERY]]]],
    [
      'other grants apart',
      2,
      [[[QUERY, { grants: { key: 'k', isShared: true, denied: undefined } as never }], [QUERY]]],
    ],
    [
      'where a rule looks at the answer, each',
      2,
      [[0, 1].map(() => [QUERY, { grants: { key: '', isShared: false } as never }])],
    ],
    ['those that are watched, each', 2, [[0, 1].map(() => [QUERY, { isWatched: true }])]],
    ['those in parts, each', 2, [[0, 1].map(() => ['{ ... @defer { a } }'])]],
    ['introspection, each', 2, [[[QUERY], [QUERY]], { never: 'introspection' }]],
    ['what calls nothing, each', 2, [[[QUERY], [QUERY]], { sources: [] }]],
    ['mutations, each', 2, [[['mutation { b }'], ['mutation { b }']]]],
    ['where resolvers are not ours, each', 2, [[[QUERY], [QUERY]], {}, false]],
  ])('runs %s', (_, runs, requests) => {
    expect(countOf(...requests)).toBe(runs);
  });

  it('lets nobody join what was under way when a mutation ended', async () => {
    const { ask, runs } = prepare();
    void ask(QUERY);
    const mutation = ask('mutation { b }');
    void ask(QUERY);
    // While the mutation runs, what begins may be joined.
    void ask(QUERY);
    expect(runs.length).toBe(3);
    runs[1]?.();
    await mutation;
    void ask(QUERY);
    expect(runs.length).toBe(4);
  });
});
