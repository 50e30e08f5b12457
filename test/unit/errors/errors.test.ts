import { buildSchema, GraphQLError, graphqlSync, parse, validate } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { errorTable, GatewayError, isErrorCode, rootError, toGraphQLError } from '../../../gateway/errors.ts';

function shown(
  error: unknown,
  requestId = 'req-1',
): { message: string; extensions: Record<string, unknown>; text: string } {
  const json = toGraphQLError(error, requestId).toJSON();
  return { message: json.message, extensions: json.extensions ?? {}, text: JSON.stringify(json) };
}

describe('the table', () => {
  it.each(Object.entries(errorTable))('%s says what to change and keeps statuses sane', (code, row) => {
    expect(row.message).toMatch(/[a-z]\.$/);
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect([200, row.status]).toContain(row.jsonStatus);
    expect(isErrorCode(code)).toBe(true);
  });

  it('shows 401, 429 and 503 to both media types, and 200 for refused but well-formed documents to JSON', () => {
    for (const code of ['UNAUTHENTICATED', 'RATE_LIMITED', 'DRAINING', 'SOURCE_UNAVAILABLE'] as const) {
      expect(errorTable[code].jsonStatus, code).toBe(errorTable[code].status);
    }
    for (const code of ['PARSE_FAILED', 'VALIDATION_FAILED', 'LIMIT_DEPTH', 'LIMIT_COST', 'LIMIT_CALLS'] as const) {
      expect(errorTable[code], code).toMatchObject({ status: 400, jsonStatus: 200 });
    }
  });

  it('knows no inherited names', () => {
    expect(isErrorCode('toString')).toBe(false);
    expect(isErrorCode('NOPE')).toBe(false);
  });
});

describe('toGraphQLError', () => {
  it('shows code, source, retryable and extras, and never the cause', () => {
    const cause = new Error('http://10.0.0.1/secret?token=abc');
    const { message, extensions, text } = shown(
      new GatewayError('UPSTREAM_REJECTED', { source: 'orders', cause, extensions: { upstreamStatus: 404 } }),
    );
    expect(message).toBe(errorTable.UPSTREAM_REJECTED.message);
    expect(extensions).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      source: 'orders',
      retryable: false,
      upstreamStatus: 404,
    });
    expect(text).not.toContain('token=abc');
  });

  it('lets extras replace neither code nor source', () => {
    const error = new GatewayError('FORBIDDEN', {
      source: 'a',
      extensions: { code: 'X', source: 'b', retryable: true },
    });
    expect(shown(error).extensions).toMatchObject({ code: 'FORBIDDEN', source: 'a', retryable: false });
  });

  it('masks the unknown with the request id and nothing else', () => {
    const { message, extensions, text } = shown(new TypeError('connect ECONNREFUSED 10.1.2.3:5432'), 'req-7');
    expect(message).toBe(errorTable.INTERNAL.message);
    expect(extensions).toEqual({
      code: 'INTERNAL',
      retryable: false,
      requestId: 'req-7',
      http: { status: 500, spec: false },
    });
    expect(text).not.toContain('10.1.2.3');
  });

  it.each([undefined, null, 'text', 42, { message: 'secret' }, Symbol('x')])(
    'masks what is not even an error: %s',
    (thrown) => {
      expect(shown(thrown).extensions['code']).toBe('INTERNAL');
    },
  );

  it('masks a GraphQLError of unknown origin, whatever code it claims', () => {
    const foreign = new GraphQLError('secret', { path: ['a'], extensions: { code: 'FORBIDDEN', internal: 'x' } });
    expect(shown(foreign).extensions).toEqual({ code: 'INTERNAL', retryable: false, requestId: 'req-1' });
  });

  it('keeps message, place and root when applied twice', () => {
    const once = toGraphQLError(
      new GraphQLError('x', { path: ['a', 0], originalError: new GatewayError('CIRCUIT_OPEN') }),
      'r',
    );
    const twice = toGraphQLError(once, 'other');
    expect(twice.toJSON()).toEqual(once.toJSON());
    expect(rootError(twice)).toBe(rootError(once));
    const unknown = toGraphQLError(new Error('x'), 'first');
    expect(toGraphQLError(unknown, 'second').extensions['requestId']).toBe('first');
  });

  it('gives a field error no status, since its siblings go on', () => {
    const field = new GraphQLError('x', { path: ['a'], originalError: new GatewayError('UPSTREAM_TIMEOUT') });
    expect(toGraphQLError(field, 'r').extensions['http']).toBeUndefined();
    expect(toGraphQLError(new GatewayError('UPSTREAM_TIMEOUT'), 'r').extensions['http']).toMatchObject({ status: 504 });
  });

  it('takes a status and headers where one code has several', () => {
    const error = new GatewayError('BAD_REQUEST', { status: 413, headers: { connection: 'close' } });
    expect(shown(error).extensions['http']).toEqual({ status: 413, spec: false, headers: { connection: 'close' } });
  });

  it('tells a deadline from a client that left', () => {
    expect(shown(new DOMException('t', 'TimeoutError')).extensions['code']).toBe('DEADLINE_EXCEEDED');
    expect(shown(new DOMException('a', 'AbortError')).extensions['code']).toBe('CLIENT_CLOSED');
  });

  it('ends on a cycle of originalErrors', () => {
    const error = new GraphQLError('x', { path: ['a'] });
    Object.defineProperty(error, 'originalError', { value: error });
    expect(shown(error).extensions['code']).toBe('INTERNAL');
  });
});

describe('sentences of graphql-js', () => {
  const schema = buildSchema('type Query { need: Int! n: Int list: [Int] at(x: Int!): Int u: U } union U = Query');
  function code(source: string, rootValue: unknown = {}, variableValues: Record<string, unknown> = {}): unknown {
    const { errors } = graphqlSync({ schema, source, rootValue, variableValues });
    return errors?.map((error) => toGraphQLError(error, 'r').extensions['code']);
  }

  it('calls an answer that does not fit the schema the source’s fault', () => {
    expect(code('{ need }', { need: null })).toEqual(['UPSTREAM_BAD_PAYLOAD']);
    expect(code('{ n }', { n: 'secret' })).toEqual(['UPSTREAM_BAD_PAYLOAD']);
    expect(code('{ list }', { list: 3 })).toEqual(['UPSTREAM_BAD_PAYLOAD']);
    expect(code('{ u { __typename } }', { u: {} })).toEqual(['UPSTREAM_BAD_PAYLOAD']);
  });

  it('never repeats the value', () => {
    const { errors } = graphqlSync({ schema, source: '{ n }', rootValue: { n: 'secret' } });
    expect(errors?.[0]?.message).toContain('secret');
    expect(JSON.stringify(toGraphQLError(errors?.[0], 'r'))).not.toContain('secret');
  });

  it('does not let a resolver’s own exception pass as one of them', () => {
    const fail = (): never => {
      throw new TypeError('postgres://user:pw@db cannot represent ');
    };
    expect(code('{ n }', { n: fail })).toEqual(['INTERNAL']);
  });

  it('calls a value the caller sent the caller’s fault', () => {
    expect(code('query ($x: Int!) { at(x: $x) }', {}, { x: 'a' })).toEqual(['BAD_REQUEST']);
    expect(code('query ($x: Int!) { at(x: $x) }')).toEqual(['BAD_REQUEST']);
    expect(code('query ($x: Int!) { at(x: $x) }', {}, { x: null })).toEqual(['BAD_REQUEST']);
    expect(code('query ($x: Int = 1) { at(x: $x) }', {}, { x: null })).toEqual(['BAD_REQUEST']);
  });

  it('tells syntax from validation', () => {
    const syntax = graphqlSync({ schema, source: '{' }).errors?.[0];
    expect(toGraphQLError(syntax, 'r').extensions['code']).toBe('PARSE_FAILED');
    for (const error of validate(schema, parse('query ($unused: Int) { nope, at }'))) {
      expect(toGraphQLError(error, 'r').extensions['code'], error.message).toBe('VALIDATION_FAILED');
    }
  });
});

describe('through Yoga', () => {
  const yoga = createYoga({
    logging: false,
    schema: createSchema({
      typeDefs: 'type Query { a(x: Int!): Int down: Int limited: Int } type Mutation { m: Int }',
      resolvers: {
        Query: {
          down: () => {
            throw new GatewayError('UPSTREAM_UNREACHABLE', { source: 'orders' });
          },
        },
      },
    }),
    maskedErrors: { errorMessage: '', maskError: (error) => toGraphQLError(error, 'r') },
    plugins: [
      {
        onRequestParse({ request }) {
          if (request.headers.has('x-limited'))
            throw new GatewayError('RATE_LIMITED', { headers: { 'Retry-After': '3' } });
        },
      },
    ],
  });
  async function post(accept: string, body: unknown, headers: Record<string, string> = {}) {
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { accept, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const answer = (await response.json()) as { errors: { extensions: Record<string, unknown> }[] };
    return { status: response.status, headers: response.headers, extensions: answer.errors[0]?.extensions };
  }

  const json = 'application/json';
  const graphql = 'application/graphql-response+json';
  const coercion = { query: 'query ($x: Int!) { a(x: $x) }', variables: { x: 'no' } };
  it.each([
    ['a broken document', { query: '{ a(x: 1' }, 'PARSE_FAILED', 400, 200],
    ['a variable of the wrong type', coercion, 'BAD_REQUEST', 400, 200],
    ['an operation that is not there', { query: '{ down }', operationName: 'X' }, 'BAD_REQUEST', 400, 200],
    ['a body that is not JSON', '{', 'BAD_REQUEST', 400, 400],
    ['a body without a query', {}, 'BAD_REQUEST', 400, 400],
    ['a failed field', { query: '{ down }' }, 'UPSTREAM_UNREACHABLE', 200, 200],
  ])('%s', async (_, body, code, status, jsonStatus) => {
    const full = await post(graphql, body);
    expect(full).toMatchObject({ status, extensions: { code } });
    expect(full.extensions).not.toHaveProperty('http');
    expect(full.extensions).not.toHaveProperty('originalError');
    // Another document, so that Yoga's parser cache does not answer with the error it kept.
    const other = typeof body === 'object' && 'query' in body ? { ...body, query: `${body.query} #` } : body;
    expect(await post(json, other)).toMatchObject({ status: jsonStatus, extensions: { code } });
  });

  it('shows 429 and Retry-After to both media types', async () => {
    for (const accept of [json, graphql]) {
      const answer = await post(accept, { query: '{ limited }' }, { 'x-limited': '1' });
      expect(answer).toMatchObject({ status: 429, extensions: { code: 'RATE_LIMITED', retryable: true } });
      expect(answer.headers.get('retry-after')).toBe('3');
    }
  });
});

describe('the source of an error', () => {
  const at = (error: Error) => new GraphQLError('x', { path: ['a', 0, 'b'], originalError: error });
  const sourceOf = (path: readonly unknown[]) => path.join('.');

  it('is looked up for a value that does not fit, and only where none is said', () => {
    const source = (error: unknown) => toGraphQLError(error, 'r', sourceOf).extensions['source'];
    expect(source(at(new GatewayError('UPSTREAM_BAD_PAYLOAD')))).toBe('a.0.b');
    expect(source(new GraphQLError('Int cannot represent non-integer value: "x"', { path: ['a'] }))).toBe('a');
    expect(source(at(new GatewayError('UPSTREAM_BAD_PAYLOAD', { source: 'shop' })))).toBe('shop');
    expect(source(at(new GatewayError('BAD_REQUEST')))).toBeUndefined();
    expect(source(at(new Error('unknown')))).toBeUndefined();
    expect(source(new GatewayError('UPSTREAM_BAD_PAYLOAD'))).toBeUndefined();
    const once = toGraphQLError(at(new GatewayError('UPSTREAM_BAD_PAYLOAD')), 'r', sourceOf);
    expect(toGraphQLError(once, 'r').toJSON()).toEqual(once.toJSON());
  });
});
