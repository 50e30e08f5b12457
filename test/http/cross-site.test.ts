/** What pages of other sites may have a browser send, and what they may read. */
import { describe, expect, it } from 'vitest';
import { startApp } from '../kit/app.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';

const page = 'https://app.example';

function start(settings: Record<string, unknown> = {}) {
  const app = startApp(
    makeSupply(makeGeneration('g', makeSchema('type Query { a: String }', { Query: { a: () => 'a' } }))),
    settings,
  );
  const ask = (init: RequestInit & { headers: Record<string, string> }, query = '?query={a}') =>
    app.fetch(new Request(`http://gateway.test/graphql${query}`, init));
  return { ask };
}

describe('a request that a page of another site could have a browser send', () => {
  it.each<[string, Record<string, string>]>([
    ['by GET', {}],
    ['by GET with an empty header', { 'x-tributary-csrf': '' }],
    ['by GET as text', { 'content-type': 'text/plain' }],
    ['by GET as a form', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }],
    ['by GET as a form of parts', { 'content-type': 'Multipart/Form-Data; boundary=x' }],
    ['by GET, says its browser', { 'sec-fetch-site': 'cross-site' }],
    ['by GET from another of our hosts', { 'sec-fetch-site': 'same-site' }],
    ['by GET from a page that may not read', { origin: page }],
  ])('%s is refused with its code, and told what to send', async (_title, headers) => {
    const response = await start().ask({ headers });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [
        {
          message: expect.stringMatching(/send the header x-tributary-preflight: 1/),
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', ''])('by POST as %j is refused', async (type) => {
    const init = { method: 'POST', headers: type === '' ? {} : { 'content-type': type }, body: '{"query":"{a}"}' };
    const response = await start().ask(init as never, '');
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  it.each<[string, Record<string, string>]>([
    ['x-tributary-csrf', { 'x-tributary-csrf': '1' }],
    ['x-tributary-preflight', { 'x-tributary-preflight': '1' }],
    ['apollo-require-preflight', { 'apollo-require-preflight': 'true' }],
    ['x-apollo-operation-name', { 'x-apollo-operation-name': 'Q' }],
    ['a type of content that forms do not have', { 'content-type': 'application/json' }],
    ['the word of its browser that it is our own page', { 'sec-fetch-site': 'same-origin' }],
    ['the word of its browser that it is the user', { 'sec-fetch-site': 'none' }],
  ])('is answered with %s', async (_title, headers) => {
    expect(await (await start().ask({ headers })).json()).toEqual({ data: { a: 'a' } });
  });

  it('is answered where configuration says so, and with headers of its own choice', async () => {
    expect((await start({ csrf: { enabled: false } }).ask({ headers: {} })).status).toBe(200);
    const { ask } = start({ csrf: { headers: ['X-Ours'] } });
    expect((await ask({ headers: { 'x-ours': 'y' } })).status).toBe(200);
    expect((await ask({ headers: { 'x-tributary-csrf': '1' } })).status).toBe(400);
  });
});

describe('a page of another site', () => {
  const preflight = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type, authorization',
  };
  const cors = (response: Response) =>
    Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control')));

  it('reads nothing unless its origin is named', async () => {
    for (const settings of [{}, { cors: { origins: ['https://other.example'] } }]) {
      const { ask } = start(settings);
      const response = await ask({ headers: { origin: page, 'x-tributary-csrf': '1' } });
      expect([response.status, cors(response)]).toEqual([200, {}]);
      expect(cors(await ask({ method: 'OPTIONS', headers: { origin: page, ...preflight } }))).toEqual({});
    }
  });

  it('reads answers, refusals too, when it is named', async () => {
    const { ask } = start({ cors: { origins: [page], credentials: true } });
    for (const query of ['?query={a}', '?query={nothing}', '?query=']) {
      const response = await ask({ headers: { origin: page, 'x-tributary-csrf': '1' } }, query);
      expect(cors(response)).toMatchObject({
        'access-control-allow-origin': page,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': expect.stringMatching(/ratelimit.*retry-after.*x-request-id/),
      });
      expect(response.headers.get('vary')).toMatch(/origin/);
    }
    // An EventSource can send no header.
    expect((await ask({ headers: { origin: page } })).status).toBe(200);
  });

  it('is told by a preflight what it may send, and for how long', async () => {
    const { ask } = start({ cors: { origins: ['*'], maxAgeMs: 5000 } });
    const response = await ask({ method: 'OPTIONS', headers: { origin: page, ...preflight } });
    expect(response.status).toBe(204);
    expect(cors(response)).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type, authorization',
      'access-control-max-age': '5',
    });
    expect(response.headers.has('access-control-allow-credentials')).toBe(false);
    // Any page may read, but none may have a request sent unasked.
    expect((await ask({ headers: { origin: page } })).status).toBe(400);
  });

  it('may never be any page and have the user’s cookies', () => {
    expect(() => start({ cors: { origins: ['*'], credentials: true } })).toThrow(/name the origins/);
  });

  it('makes no difference to who asks without an origin, but for caches', async () => {
    const response = await start({ cors: { origins: [page] } }).ask({ headers: { 'x-tributary-csrf': '1' } });
    expect([cors(response), response.headers.get('vary')]).toEqual([{}, expect.stringMatching(/origin/)]);
  });
});
