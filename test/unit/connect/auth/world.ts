/** What the tests of tokens share: a source, its authorization server, and a connector between them. */
import { openConnector } from '../../../../gateway/connect/open.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { callOf, optionsOf, type Received, sendJson, startUpstream } from '../kit.ts';

const SDL = /* GraphQL */ `
  type Query { item: JSON @httpOperation(subgraph: "shop", path: "/item", httpMethod: "GET", accept: "application/json", params: []) }
  type Mutation { change: JSON @httpOperation(subgraph: "shop", path: "/item", httpMethod: "POST", accept: "application/json", params: []) }
`;
export type Answer = Parameters<typeof startUpstream>[0];

/** A source, its authorization server (tokens are t1, t2, …), and a connector between them. */
export async function world({
  scheme = 'oauth2ClientCredentials',
  ...more
}: Record<string, unknown> & { scheme?: string } = {}) {
  const clock = createFakeClock();
  let issued = 0;
  const state: { token: Answer; item: Answer } = {
    token: (_request, response) =>
      sendJson(response, { access_token: `t${++issued}`, token_type: 'Bearer', expires_in: 100 }),
    item: (_request, response) => sendJson(response, {}),
  };
  const server = await startUpstream((...exchange) => state.token(...exchange));
  const source = await startUpstream((...exchange) => state.item(...exchange));
  const client = { tokenUrl: `${server.url}/oauth/token/`, clientId: 'me:1', clientSecret: 's3c&ret', ...more };
  const policy = { auth: { [scheme]: client }, coalesce: false };
  const options = optionsOf({ sdl: SDL, endpoints: [source.url], policy, now: clock.now });
  const connector = openConnector('rest', options);
  const call = (bearer?: string, name = 'item', rest: Parameters<typeof callOf>[2] = {}) =>
    connector.call(
      callOf(
        name,
        {},
        { deadline: clock.now() + 10_000, ...(bearer && { headers: { authorization: `Bearer ${bearer}` } }), ...rest },
      ),
    );
  const seen = (): (string | undefined)[] => source.requests.map(({ headers }) => headers['authorization']);
  return {
    clock,
    state,
    server,
    source,
    connector,
    call,
    seen,
    [Symbol.asyncDispose]: async () => {
      await connector[Symbol.asyncDispose]();
      await Promise.all([server[Symbol.asyncDispose](), source[Symbol.asyncDispose]()]);
    },
  };
}

export const refuse: Answer = (_request, response) => sendJson(response, { error: 'who' }, 401);
export const accept =
  (token: string): Answer =>
  ({ headers }, response) =>
    sendJson(response, {}, headers['authorization'] === `Bearer ${token}` ? 200 : 401);
export const form = (request: Received | undefined) => Object.fromEntries(new URLSearchParams(request?.body));
