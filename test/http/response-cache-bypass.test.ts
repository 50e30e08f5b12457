import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../gateway/context.ts';
import { noteCall, startCached } from '../kit/cached.ts';
import { createFakeClock } from '../kit/clock.ts';

const SDL = `
type Query {
  item(id: ID): Item @call @cacheControl(maxAge: 10, staleWhileRevalidate: 20, staleIfError: 60, tags: ["shop"])
  plain(id: ID): Item @call
  me: Item @call @cacheControl(maxAge: 10, scope: "PRIVATE")
  never: Item @call @cacheControl(maxAge: 0)
  hidden(ids: [ID]): [Person] @call @cacheControl(maxAge: 0)
}
type Person { id: ID }
type Item { owner: Person @resolveTo(sourceName: "shop", sourceFieldName: "hidden", keyField: "ownerId", keysArg: "ids", valueKeyField: "id") ownerId: ID id: ID name: String price: Int @cacheControl(maxAge: 4) }
`;

type Call = { args: Record<string, unknown>; answer(value: unknown): void; fail(error: Error): void };

/** Fields answer when the test says so, or at once by `reply`. */
function shop(settings: Record<string, unknown> = {}) {
  const clock = createFakeClock();
  const calls: Call[] = [];
  const state: { reply: ((context: RequestContext) => unknown) | undefined } = { reply: undefined };
  const resolve = (name: string) => (_: unknown, args: Record<string, unknown>, context: RequestContext) =>
    new Promise((answer, fail) => {
      calls.push({ args, answer, fail });
      context.signal.addEventListener('abort', () => fail(context.signal.reason as Error), { once: true });
      noteCall(context, name);
      if (!state.reply) return;
      try {
        answer(state.reply(context));
      } catch (error) {
        fail(error as Error);
      }
    });
  const names = ['item', 'plain', 'me', 'never'];
  const resolvers = { Query: Object.fromEntries(names.map((name) => [name, resolve(name)])) };
  return { clock, calls, state, ...startCached({ sdl: SDL, resolvers, settings, now: clock.now }) };
}

const item = { id: 'i1', name: 'Pen', price: 3 };
const query = '{ item(id: "i1") { name } }';

describe('operations that never enter', () => {
  it.each([
    ['{ plain { name } }', 'no age'],
    ['{ item { name } never { name } }', 'age 0 at Query.never'],
    // The root field that answers a join is nothing that the client wrote.
    ['{ item { owner { id } } }', 'age 0 at Item.owner'],
    ['{ me { name } }', 'private at Query.me and nobody is known'],
    ['{ item { name } __schema { queryType { name } } }', 'introspection'],
    ['{ item { __responseCacheId: name } }', 'names of the cache in the document'],
    ['query ($id: ID!) { item(id: $id) { name } }', 'bad request'],
  ])('%s: %s', async (text, reason) => {
    const { ask, state } = shop();
    state.reply = () => item;
    for (const _ of [1, 2]) expect((await ask(text)).headers.get('x-cache')).toBe(`BYPASS; ${reason}`);
  });

  it('those that a rule decides by the answer, whatever the cache has of them', async () => {
    const clock = createFakeClock();
    let isShared = true;
    const { ask } = startCached({
      sdl: SDL,
      resolvers: { Query: { item: () => item } },
      now: clock.now,
      stages: (stages) => [
        ...stages,
        {
          name: 'authorize',
          plugin: {
            onExecute: ({ context }) =>
              void Object.assign(context, {
                grants: { key: '', isShared, denied: undefined, allows: async () => true },
              }),
          },
        },
      ],
    });
    expect([(await ask(query)).outcome, (await ask(query)).outcome]).toEqual(['MISS', 'HIT']);
    isShared = false;
    expect((await ask(query)).headers.get('x-cache')).toBe('BYPASS; a rule decides by the answer');
  });

  it('all of them where it is switched off', async () => {
    const { ask, state, calls } = shop({ enabled: false });
    state.reply = () => item;
    for (const _ of [1, 2]) expect((await ask(query)).headers.get('x-cache')).toBeNull();
    expect(calls.length).toBe(2);
  });
});
