/** `connections.max`: how many connections a source gets. */
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { openConnector } from '../../../gateway/connect/open.ts';
import { until } from '../../kit/until.ts';
import { settled } from './chain/kit.ts';
import { callOf, optionsOf, sendJson, startUpstream } from './kit.ts';

const REST = `type Query { get(id: String): JSON @httpOperation(subgraph: "shop", path: "/t", httpMethod: "GET", params: [{ arg: "id", name: "id", in: "query", style: "form", explode: true }]) }`;
const GRAPHQL = `type Query { get(id: String): JSON @graphqlField(subgraph: "shop", name: "get", type: "JSON") }`;

it.each([
  ['rest', REST],
  ['graphql', GRAPHQL],
] as const)('a %s source gets no more than its policy says, and calls beyond wait for one', async (kind, sdl) => {
  const held: ServerResponse[] = [];
  await using upstream = await startUpstream((_request, response) => void held.push(response));
  const policy = { connections: { max: 2 } };
  await using connector = openConnector(kind, optionsOf({ sdl, endpoints: [upstream.url], policy }));
  const calls = ['1', '2', '3', '4', '5'].map((id) => connector.call(callOf('get', { id })));
  await until(() => held.length === 2);
  for (let turn = 0; turn < 50; turn += 1) await settled();
  expect(held).toHaveLength(2);
  for (let answered = 0; answered < 5; answered += 1) {
    await until(() => held.length > 0);
    expect(held.length).toBeLessThanOrEqual(2);
    const response = held.shift();
    if (response) sendJson(response, { data: { get: 1 } });
  }
  expect(await Promise.all(calls)).toHaveLength(5);
});
