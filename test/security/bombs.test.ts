/** Each request that is made to cost much is refused with its code, and reaches nobody. */
import { describe, expect, it } from 'vitest';
import { connect, subscribeMessage } from '../kit/socket.ts';
import { post, startBombed } from './bomb-kit.ts';
import { bombs } from './bombs.ts';

type Answer = { data?: unknown; errors?: { message: string; extensions: Record<string, unknown> }[] };

const app = startBombed(100);
const closed = startBombed(100, { operationLimits: { suggestions: false } });

describe('a bomb', () => {
  it.each(bombs.map((bomb) => [bomb.title, bomb] as const))(
    'of %s is refused by its code',
    async (_title, { code, request, status = 400 }) => {
      const response = await app.fetch(request(0));
      const body = (await response.json()) as Answer | Answer[];
      const answers = Array.isArray(body) ? body : [body];
      for (const { data, errors = [] } of answers) {
        expect(data).toBeUndefined();
        expect([...new Set(errors.map(({ extensions }) => extensions['code']))]).toEqual([code]);
        // One question, few answers: of a document as configured, of variables as many as the executor tells.
        expect(errors.length).toBeLessThanOrEqual(code === 'BAD_REQUEST' ? 51 : 11);
      }
      expect(response.status).toBe(status);
    },
  );

  it('is refused over WebSocket as over HTTP', async () => {
    await using own = startBombed(100);
    const client = await connect(`${(await own.listen()).url}/graphql`);
    const texts = bombs.flatMap(({ title, code, request }) =>
      /^(many aliases|a huge list|lists in lists|a fragment that)$/.test(title) || title === 'many levels'
        ? [{ code, request }]
        : [],
    );
    expect(texts.length).toBeGreaterThanOrEqual(3);
    for (const [id, { code, request }] of texts.entries()) {
      const { query } = (await request(1).json()) as { query: string };
      client.send(subscribeMessage(String(id), query));
      expect(await client.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code } }] });
    }
    client.socket.close();
  });

  it('leaves nothing under way behind', async () => {
    expect(await app.metrics.expose()).toMatch(/^tributary_operations_in_flight 0$/m);
  });
});

describe('an operation within the limits', () => {
  it.each([
    [
      'introspection as tools ask for it',
      'query IntrospectionQuery { __schema { queryType { name } types { ...F } directives { name args { ...I } } } } fragment F on __Type { kind name fields(includeDeprecated: true) { name args { ...I } type { ...T } } inputFields { ...I } enumValues { name } } fragment I on __InputValue { name type { ...T } } fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }',
    ],
    [
      'many components that each ask for the same',
      `{ me { ${Array.from({ length: 60 }, (_, n) => `...C${n}`).join(' ')} } } ${Array.from({ length: 60 }, (_, n) => `fragment C${n} on Person { id name friend { id } }`).join(' ')}`,
    ],
    ['some levels', `{ me { ${'friend { '.repeat(20)}id${' }'.repeat(20)} } }`],
  ])('is answered: %s', async (_title, query) => {
    const response = await app.fetch(post({ query }));
    expect((await response.json()) as Answer).toMatchObject({ data: {} });
  });
});

describe('names of the schema', () => {
  const guesses: [string, Record<string, unknown>][] = [
    ['a field', { query: '{ mee { id } }' }],
    ['a type', { query: '{ me { ... on Persn { id } } }' }],
    ['an argument', { query: '{ people(limt: 1) { id } }' }],
    ['an enum value', { query: '{ people(filter: { state: ACTIV }) { id } }' }],
    ['a field of an input', { query: '{ people(filter: { nam: "x" }) { id } }' }],
    [
      'a field of a variable',
      { query: 'query ($f: Filter) { people(filter: $f) { id } }', variables: { f: { nam: 'x' } } },
    ],
    [
      'an enum value of a variable',
      { query: 'query ($f: Filter) { people(filter: $f) { id } }', variables: { f: { state: 'ACTIV' } } },
    ],
  ];
  const messagesOf = async (own: typeof app, body: Record<string, unknown>) =>
    ((await (await own.fetch(post(body))).json()) as Answer).errors?.map(({ message }) => message).join(' ') ?? '';

  it.each(guesses)('are proposed for %s unless that is off', async (_title, body) => {
    expect(await messagesOf(app, body)).toMatch(/Did you mean/);
    const silent = await messagesOf(closed, body);
    expect(silent).not.toMatch(/Did you mean/);
    expect(silent.length).toBeGreaterThan(10);
  });
});
