/** What the log is told of an address: never what proves who asks. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ConnectorOptions } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { shownAddress } from '../../../gateway/connect/shown-address.ts';
import { connectorOf, open, startSse } from './graphql/subscription-kit.ts';
import { callOf, failureOf, optionsOf, sendJson, startUpstream } from './kit.ts';

const REST = `type Query { get: JSON @httpOperation(subgraph: "shop", path: "/t?fixed=1", httpMethod: "GET", params: []) }`;
const GRAPHQL = `type Query { get: JSON @graphqlField(subgraph: "shop", name: "get", type: "JSON") }`;

describe('an address for the log', () => {
  it.each([
    ['https://orders.example/api?key=hush#top', 'https://orders.example/api'],
    ['https://me:hush@orders.example:1/a@b', 'https://orders.example:1/a@b'],
    ['hush@orders.example:1', 'orders.example:1'],
    ['orders:50051', 'orders:50051'],
    ['dns:///orders:50051', 'dns:///orders:50051'],
    [undefined, undefined],
  ])('of %s is %s', (address, shown) => expect(shownAddress(address)).toBe(shown));

  it.each([
    ['rest', REST],
    ['graphql', GRAPHQL],
  ] as const)('of a %s source has no query of the endpoint, which is sent all the same', async (kind, sdl) => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, {}, 500));
    await using connector = openConnector(kind, optionsOf({ sdl, endpoints: [`${upstream.url}/api?key=hush-hush`] }));
    const error = await failureOf(connector.call(callOf('get')));
    expect(upstream.requests[0]?.url).toContain('key=hush-hush');
    expect(inspect(error, { depth: 10 })).toContain(`${upstream.url}/api`);
    expect(inspect(error, { depth: 10 })).not.toContain('hush');
  });

  it('of subscriptions neither, at the endpoint and at an address of their own', async () => {
    await using upstream = await startSse((response) => void response.writeHead(500).end());
    const endpoint = `${upstream.url}?key=hush-hush`;
    for (const subscriptions of [{}, { url: endpoint }]) {
      await using connector = connectorOf({ endpoints: [endpoint] }, { subscriptions });
      const error = await failureOf(open(connector).next());
      expect(inspect(error, { depth: 10 })).toContain(upstream.url);
      expect(inspect(error, { depth: 10 })).not.toContain('hush');
    }
    expect(upstream.asked.map(({ url }) => url)).toEqual(['/graphql?key=hush-hush', '/graphql?key=hush-hush']);
  });

  it.each<[string, Partial<ConnectorOptions>]>([
    ['that is no address', { endpoints: ['ftp://orders.example?key=hush'] }],
    ['that is guarded', { endpoints: ['http://169.254.169.254?key=hush'] }],
  ])('of a source %s has none', (_what, given) => {
    const opening = async () => openConnector('rest', optionsOf({ sdl: REST, ...given }));
    return failureOf(opening()).then((error) => expect(inspect(error, { depth: 10 })).not.toContain('hush'));
  });
});
