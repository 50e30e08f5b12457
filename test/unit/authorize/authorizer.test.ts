/** How often rules are asked, what they are given, and what is remembered of their answers. */
import { buildSchema, type DocumentNode, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createAuthorizer } from '../../../gateway/authorize/authorizer.ts';
import type { Decision } from '../../../gateway/authorize/decision.ts';
import { createDenied, placeOf } from '../../../gateway/authorize/denied.ts';
import type { PolicyDefinition } from '../../../gateway/authorize/rules/definition.ts';
import { and, chain, not, or, race, rule } from '../../../gateway/authorize/shield.ts';
import type { Principal } from '../../../gateway/context.ts';
import { readModel } from '../../../gateway/execute/model.ts';
import { createPlanner } from '../../../gateway/execute/planner.ts';
import { createPrincipal } from '../../../gateway/identify/principal.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

const CALL = '@httpOperation(subgraph: "s", path: "/", httpMethod: "GET")';
const SDL = `${WIRE_DIRECTIVES}
  extend schema @transport(subgraph: "s", kind: "rest")
  type Query {
    free: Int ${CALL}
    watched: Thing ${CALL} @policy(name: "watch")
    also: Thing ${CALL} @policy(name: "watch")
    scoped: Int ${CALL} @requiresScopes(scopes: [["x"]])
    counted(id: Int = 7): Thing ${CALL} @policy(name: "count", options: "{\\"deep\\":{\\"a-b\\":[1]}}")
    owned: Owned ${CALL}
    broken: Int ${CALL} @policy(name: "broken")
  }
  type Thing @source(subgraph: "s") { id: Int, self: Thing @policy(name: "watch"), counted(id: Int): Int @policy(name: "count") }
  type Owned @source(subgraph: "s") @policy(name: "look", field: "id") { id: Int }`;

function setUp() {
  const asked = { watch: 0, count: [] as unknown[], options: [] as unknown[] };
  const definition = (
    name: string,
    reads: PolicyDefinition['reads'],
    decide: (parent: object, args: object) => boolean,
  ): PolicyDefinition => ({
    name,
    reads,
    create: ({ options }) => {
      asked.options.push(options);
      return rule()((parent, args) => decide(parent, args));
    },
  });
  const definitions = [
    definition('watch', 'principal', () => {
      asked.watch += 1;
      return false;
    }),
    definition('count', 'arguments', (_parent, args) => {
      asked.count.push(args);
      return (args as { id?: number }).id !== 1;
    }),
    definition('look', 'object', (parent) => (parent as { id: number }).id === 5),
    definition('broken', 'principal', () => {
      throw new Error('out of order');
    }),
  ];
  const model = readModel(buildSchema(SDL, { assumeValidSDL: true }));
  const planner = createPlanner(model);
  const authorize = createAuthorizer(model, definitions);
  async function decideOn(query: string | DocumentNode, principal: Principal, variables = {}): Promise<Decision> {
    const document = typeof query === 'string' ? parse(query) : query;
    const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
    if (!operation) throw new Error('no operation');
    const fragments = Object.fromEntries(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    );
    const plan = planner({ operation, fragments, variables });
    return await authorize({ plan, variables, sent: variables, principal });
  }
  return { asked, decideOn };
}

const who = (subject: string, scopes: readonly string[] = []): Principal =>
  createPrincipal({ kind: 'key', prefix: 'key:', subject, scopes });

describe('rules', () => {
  it('on the principal are asked once for each coordinate, however often it is selected', async () => {
    const { asked, decideOn } = setUp();
    const { refused } = await decideOn(
      '{ watched { id } a: watched { id } also { id } ...F } fragment F on Query { b: also { id } }',
      who('a'),
    );
    expect(asked.watch).toBe(2);
    expect(refused.map(({ key }) => key)).toEqual(['watched', 'a', 'also', 'b']);
  });

  it('on arguments are asked once for each selection, with coerced values and defaults', async () => {
    const { asked, decideOn } = setUp();
    const { grants, refused } = await decideOn(
      'query($n: Int) { a: counted { ...F } b: counted(id: $n) { ...F } c: counted(id: 1) { id } } fragment F on Thing { counted(id: 3) }',
      who('a'),
      { n: 2 },
    );
    expect(asked.count).toHaveLength(4);
    expect(asked.count).toEqual(expect.arrayContaining([{ id: 7 }, { id: 2 }, { id: 1 }, { id: 3 }]));
    expect(refused.map(({ path }) => path.join('.'))).toEqual(['c']);
    expect(grants.denied?.has('Query.counted', ['c'])).toBe(true);
    expect(grants.denied?.has('Query.counted', ['a'])).toBe(false);
  });

  it('are given their options as they were written', () => {
    const { asked } = setUp();
    expect(asked.options).toContainEqual({ deep: { 'a-b': [1] } });
  });

  it('that fail fail the operation, and are taken for no answer', async () => {
    await expect(setUp().decideOn('{ broken }', who('a'))).rejects.toThrow('out of order');
  });

  it('may be put together with all the logic of the library', async () => {
    const yes = rule()(() => true);
    const no = rule()(() => false);
    const ask = (logic: ReturnType<typeof and>) =>
      logic.resolve({}, {}, { _shield: { cache: {} } }, {} as never, { debug: true, hashFunction: String } as never);
    const answers = [
      and(yes, no),
      or(no, yes),
      chain(yes, yes),
      chain(no, yes),
      race(no, yes),
      race(no),
      not(no),
      not(yes),
    ];
    expect(await Promise.all(answers.map((each) => ask(each as never)))).toEqual([
      ...[false, true, true, false, true, false, true, false],
    ]);
  });
});

describe('grants', () => {
  it('are one and the same for an operation that nothing is required of', async () => {
    const { decideOn } = setUp();
    const [one, two] = [await decideOn('{ free }', who('a')), await decideOn('{ free __typename }', who('b'))];
    expect(one.grants).toBe(two.grants);
    expect(one.grants).toMatchObject({ key: '', isShared: true, denied: undefined });
  });

  it('have one key for principals who are denied the same, and another where that differs', async () => {
    const { decideOn } = setUp();
    const keyOf = async (principal: Principal) => (await decideOn('{ free scoped }', principal)).grants.key;
    expect(await keyOf(who('a'))).toBe(await keyOf(who('b', ['y'])));
    expect(await keyOf(who('a'))).not.toBe(await keyOf(who('a', ['x'])));
    expect(await keyOf(who('a', ['x']))).toBe('');
  });

  it('are remembered for a principal where roles and scopes decide about everything', async () => {
    const { decideOn } = setUp();
    const [principal, other] = [who('a'), who('a', ['x'])];
    const pure = parse('{ free scoped }');
    expect(await decideOn(pure, principal)).toBe(await decideOn(pure, principal));
    expect(await decideOn(pure, principal)).not.toBe(await decideOn(pure, other));
    const asking = parse('{ free scoped counted { id } }');
    expect(await decideOn(asking, principal)).not.toBe(await decideOn(asking, principal));
  });

  it('say that an answer is nobody else’s where rules look at objects, and ask those', async () => {
    const { decideOn } = setUp();
    const { grants } = await decideOn('{ owned { id } }', who('a'));
    expect(grants.isShared).toBe(false);
    const policy = { name: 'look', field: 'id' };
    expect([await grants.allows(policy, { id: 5 }), await grants.allows(policy, { id: 6 })]).toEqual([true, false]);
  });
});

describe('what is denied', () => {
  const none = new Set<string>();
  it('is known by names and paths, whichever nodes a document has', () => {
    const denied = createDenied({
      coordinates: new Set(['T.a']),
      places: new Set([placeOf('T.b', ['x', 'y'])]),
      types: new Set(['U']),
    });
    expect([denied?.has('T.a', ['any']), denied?.has('T.b', ['x', 'y']), denied?.has('T.b', ['x'])]).toEqual([
      true,
      true,
      false,
    ]);
    expect([denied?.hasType('U'), denied?.hasType('T')]).toEqual([true, false]);
  });

  it('has one key however it was found, of bounded length', () => {
    const keyOf = (names: string[]) => createDenied({ coordinates: new Set(names), places: none, types: none })?.key;
    expect(keyOf(['T.a', 'T.b'])).toBe(keyOf(['T.b', 'T.a']));
    expect(keyOf(['T.a'])).not.toBe(createDenied({ coordinates: none, places: new Set(['T.a']), types: none })?.key);
    expect(keyOf(Array.from({ length: 500 }, (_, index) => `T.field${index}`))?.length).toBeLessThan(201);
    expect(createDenied({ coordinates: none, places: none, types: none })).toBeUndefined();
  });
});

it('an operation that is too large to be looked at is refused', async () => {
  const { decideOn } = setUp();
  const wide = Array.from({ length: 10_001 }, (_, index) => `f${index}: free`).join(' ');
  await expect(decideOn(`{ ${wide} }`, who('a'))).rejects.toMatchObject({ code: 'LIMIT_COST' });
});
