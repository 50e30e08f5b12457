/** Where a source must not lead calls: at an address, by a path, or by a redirect. */
import { describe, expect, it } from 'vitest';
import { openConnector } from '../../../gateway/connect/open.ts';
import { callOf, failureOf, optionsOf, sendJson, startUpstream } from './kit.ts';

describe('a source', () => {
  const get = (path: string) =>
    `type Query { get: JSON @httpOperation(subgraph: "shop", path: ${JSON.stringify(path)}, httpMethod: "GET", params: []) }`;

  it('cannot be opened at such an address, whichever of several it is', () => {
    const open = (endpoints: string[], policy: unknown = {}) =>
      openConnector('rest', optionsOf({ sdl: get('/'), endpoints, policy, endpointsFromContract: true }));
    expect(() => open(['http://10.0.0.1'])).toThrow(
      /is internal, and only the contract names it.*endpoints\.allowInternal/,
    );
    expect(() => open(['http://a.example', 'http://169.254.169.254'])).toThrow(/link-local/);
  });

  it('cannot get its tokens there', () => {
    const client = { tokenUrl: 'http://169.254.169.254/token', clientId: 'a', clientSecret: 'b' };
    const open = (allowInternal: string[]) =>
      openConnector(
        'rest',
        optionsOf({
          sdl: get('/'),
          endpoints: ['http://127.0.0.1:1'],
          policy: { auth: { oauth2ClientCredentials: client }, endpoints: { allowInternal } },
        }),
      );
    expect(() => open([])).toThrow(/The tokenUrl of this source is link-local/);
    expect(() => open(['169.254.169.254'])).not.toThrow();
  });

  it.each(['//other.example/x', 'http://other.example/x', '@other.example/x', '/\\other.example', 'x'])(
    'is the only one that is called, whatever a path of the contract looks like: %s',
    async (path) => {
      await using upstream = await startUpstream((_request, response) => sendJson(response, {}));
      await using connector = openConnector('rest', optionsOf({ sdl: get(path), endpoints: [upstream.url] }));
      await connector.call(callOf('get'));
      expect(upstream.requests.map(({ url, headers }) => [url[0], headers['host']])).toEqual([
        ['/', new URL(upstream.url).host],
      ]);
    },
  );

  it.each([301, 302, 303, 307, 308])('that answers %i is not followed', async (status) => {
    await using other = await startUpstream((_request, response) => sendJson(response, {}));
    await using upstream = await startUpstream((_request, response) =>
      response.writeHead(status, { location: `${other.url}/x` }).end(),
    );
    await using connector = openConnector('rest', optionsOf({ sdl: get('/'), endpoints: [upstream.url] }));
    const error = await failureOf(connector.call(callOf('get')));
    expect(error).toMatchObject({ code: 'UPSTREAM_REJECTED', detail: { upstreamStatus: status } });
    expect([upstream.requests.length, other.requests.length]).toEqual([1, 0]);
  });
});
