/** `connections`: how many a source gets, and how many calls go over one. */
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

const READ_AND_WRITE = `type Query { get(id: String): JSON @httpOperation(subgraph: "shop", path: "/t", httpMethod: "GET", params: [{ arg: "id", name: "id", in: "query", style: "form", explode: true }]) }
type Mutation { put: JSON @httpOperation(subgraph: "shop", path: "/t", httpMethod: "POST") }`;

it.each([
  [1, ['GET']],
  [3, ['GET', 'GET', 'GET']],
] as const)('a connection has as many reads on their way as its policy says: %i', async (pipelining, first) => {
  const held: [method: string | undefined, ServerResponse][] = [];
  const sockets = new Set<unknown>();
  await using upstream = await startUpstream(({ method }, response) => {
    sockets.add(response.req.socket);
    held.push([method, response]);
  });
  const policy = { connections: { max: 1, pipelining } };
  await using connector = openConnector('rest', optionsOf({ sdl: READ_AND_WRITE, endpoints: [upstream.url], policy }));
  const calls = ['1', '2', '3', '4'].map((id) => connector.call(callOf('get', { id })));
  const mutation = connector.call(callOf('put', {}));
  await until(() => held.length === first.length);
  for (let turn = 0; turn < 50; turn += 1) await settled();
  expect(held.map(([method]) => method)).toEqual(first);
  let beside = 0;
  for (let answered = 0; answered < 5; answered += 1) {
    await until(() => held.length > 0);
    if (held.some(([method]) => method === 'POST')) beside = Math.max(beside, held.length - 1);
    const [, response] = held.shift() ?? [];
    if (response) sendJson(response, answered);
  }
  expect(await Promise.all([...calls, mutation])).toMatchObject([0, 1, 2, 3, 4].map((data) => ({ data })));
  // What changes something is sent when all before it have their answers.
  expect(beside).toBe(0);
  expect(sockets.size).toBe(1);
});
