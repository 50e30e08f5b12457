/** JSON that a contract declares for failed answers, as much of it as clients see. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openConnector } from '../../../gateway/connect/open.ts';
import { readErrorShapes, readProblem } from '../../../gateway/connect/rest/problem.ts';
import { callOf, failureOf, optionsOf, startUpstream, type Upstream } from './kit.ts';

const SHAPES: [string, object][] = [
  ['422 404', { code: true, items: [{ path: true }], inner: { path: true } }],
  ['4XX default', { other: true }],
];
const errors = SHAPES.map(([statuses, shape]) => [statuses, JSON.stringify(shape)]);
const SDL = `type Query { one: JSON @httpOperation(subgraph: "shop", path: "/one", httpMethod: "GET",
  accept: "application/json", params: [], errors: ${JSON.stringify(errors)}) }`;
const POLICY = { errors: { expose: 'problem' }, headers: { set: { 'x-key': 'secret-key-1' } } };
const JSON_TYPE = 'application/json';

let upstream: Upstream;
let body = '';
let type = '';

beforeAll(async () => {
  upstream = await startUpstream((_request, response) => {
    response.writeHead(422, { 'content-type': type }).end(body);
  });
});
afterAll(() => upstream[Symbol.asyncDispose]());

async function told(answer: unknown, policy: unknown = POLICY, contentType = JSON_TYPE): Promise<unknown> {
  body = typeof answer === 'string' ? answer : JSON.stringify(answer);
  type = contentType;
  await using connector = openConnector('rest', optionsOf({ sdl: SDL, policy, endpoints: [upstream.url] }));
  return (await failureOf(connector.call(callOf('one')))).detail['problem'];
}

it('is told as far as it is declared', async () => {
  const text = `{ "code": "OUT", "stack": "at secret()", "items": [{ "path": "a", "row": 7 }, "text", null, { "path": {} }],
    "inner": { "path": null, "__proto__": { "x": 1 } }, "other": "of another status" }`;
  const seen = { code: 'OUT', items: [{ path: 'a' }], inner: { path: null } };
  expect(await told(text, POLICY, 'application/json; charset=utf-8')).toEqual(seen);
});

it.each([
  ['without the policy', { code: 'OUT' }, {}, JSON_TYPE],
  ['as text', '{"code":"OUT"}', POLICY, 'text/plain'],
  ['that is cut off', '{"code":"OUT"', POLICY, JSON_TYPE],
  ['that is a list', [{ code: 'OUT' }], POLICY, JSON_TYPE],
  ['that has none of it', { message: 'OUT', code: { deep: 1 } }, POLICY, JSON_TYPE],
])('is not told %s', async (_, answer, policy, contentType) => {
  expect(await told(answer, policy, contentType)).toBeUndefined();
});

it('loses what was not to be seen, and stays a problem document where it is one', async () => {
  const { host } = new URL(upstream.url);
  const answer = { code: `calling ${host} failed`, inner: { path: 'secret-key-1' }, items: [{ path: 'a' }] };
  expect(await told(answer)).toEqual({ items: [{ path: 'a' }], inner: {} });
  expect(await told({ title: 't', more: 1 }, POLICY, 'application/problem+json')).toEqual({ title: 't', more: 1 });
});

it.each([
  ['the status', 422, 'code'],
  ['its range', 409, 'other'],
  ['all that nothing is said of', 503, 'other'],
])('has the form that is declared for %s', (_, status, name) => {
  const text = JSON.stringify({ code: 1, other: 2 });
  const answer = { status, headers: { 'content-type': JSON_TYPE }, body: Buffer.from(text), bytes: 0 };
  const problem = readProblem(answer, readErrorShapes(errors), new Map(), { host: 'shop.test', search: '' });
  expect(Object.keys(problem ?? {})).toEqual([name]);
});
