import { describe, expect, it } from 'vitest';
import { openConnector } from '../../../../gateway/connect/open.ts';
import { connectorOptions, type GrpcCall, importProto, Refusal, startGrpcUpstream } from '../grpc-kit.ts';
import { callOf, optionsOf, sendJson, startUpstream } from '../kit.ts';

const PROTO = `syntax = "proto3"; package t;
message Ask { string q = 1; } message Answer { string a = 1; }
service S { rpc Get(Ask) returns (Answer) { option idempotency_level = NO_SIDE_EFFECTS; } }`;
const GRAPHQL = `type Query { item: JSON @graphqlField(subgraph: "shop", name: "item", type: "JSON") }`;

async function startTokens() {
  let issued = 0;
  return await startUpstream((_request, response) =>
    sendJson(response, { access_token: `t${++issued}`, expires_in: 60 }),
  );
}

describe('credentials in other protocols', () => {
  it('gRPC: metadata, and once more after UNAUTHENTICATED', async () => {
    const seen: unknown[] = [];
    await using tokens = await startTokens();
    await using upstream = await startGrpcUpstream(PROTO, 't.S', {
      Get: (_message, call: GrpcCall) => {
        seen.push(...call.metadata.get('authorization'));
        if (seen.length === 1) throw new Refusal(16, 'who');
        return { a: 'b' };
      },
    });
    const auth = { oauth2ClientCredentials: { tokenUrl: tokens.url, clientId: 'me', clientSecret: 's' } };
    const options = connectorOptions(await importProto(PROTO), { endpoints: [upstream.address], policy: { auth } });
    await using connector = openConnector('grpc', options);
    const [operation] = options.operations;
    expect((await connector.call(callOf(operation?.name ?? ''))).data).toMatchObject({ a: 'b' });
    expect(seen).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('GraphQL: a key in the query, and a header', async () => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, { data: { item: 1 } }));
    for (const where of ['query', 'header']) {
      const policy = { auth: { apiKey: { in: where, name: 'key', value: 'k' } } };
      const options = optionsOf({ sdl: GRAPHQL, endpoints: [`${upstream.url}/graphql?v=1`], policy });
      await using connector = openConnector('graphql', options);
      await connector.call(callOf('item'));
    }
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/graphql?v=1&key=k', '/graphql?v=1']);
    expect(upstream.requests[1]?.headers['key']).toBe('k');
  });
});
