import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startCatalog } from '../../examples/catalog/server.ts';
import { createFaults, FaultSettingError } from '../../examples/lib/faults.ts';
import type { RunningServer } from '../../examples/lib/running-server.ts';
import { ask, json } from './clients.ts';

let catalog: RunningServer;
let url: string;

beforeAll(async () => {
  catalog = await startCatalog();
  url = `${catalog.url}/categories`;
});

afterAll(async () => {
  await catalog[Symbol.asyncDispose]();
});

beforeEach(() => {
  catalog.faults.clear();
  catalog.calls.reset();
});

test('status: the call is answered with it', async () => {
  expect(await ask(url, { headers: { 'x-fault': 'status:503' } })).toMatchObject({
    status: 503,
    body: { title: 'Service Unavailable', status: 503 },
  });
});

test('reset: the connection breaks before an answer, which is no cancellation', async () => {
  const failure = await ask(url, { headers: { 'x-fault': 'reset' } }).catch((error: Error) => error.cause);
  expect(failure).toMatchObject({ code: 'ECONNRESET' });
  expect(await ask(url)).toMatchObject({ status: 200 });
  expect(catalog.calls.cancelled()).toBe(0);
});

test('truncate: the head says 200 and the body ends too early, which is no cancellation', async () => {
  const response = await fetch(url, { headers: { 'x-fault': 'truncate' } });
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow('terminated');
  expect(await ask(url)).toMatchObject({ status: 200 });
  expect(catalog.calls.cancelled()).toBe(0);
});

test('invalid-json: a whole answer that cannot be read', async () => {
  const answer = await ask(url, { headers: { 'x-fault': 'invalid-json' } });
  expect(answer).toMatchObject({ status: 200, type: expect.stringContaining('application/json'), body: undefined });
  expect(answer.text.startsWith('[{"id":"cat_01"')).toBe(true);
});

test('x-delay-ms: the answer waits so long', async () => {
  const started = performance.now();
  expect(await ask(url, { headers: { 'x-delay-ms': '80' } })).toMatchObject({ status: 200 });
  // A timer may fire a fraction of a millisecond early.
  expect(performance.now() - started).toBeGreaterThan(79);
});

test.each([
  ['x-delay-ms', '60001', /0 to 60000/],
  ['x-delay-ms', '-1', /whole number/],
  ['x-delay-ms', 'soon', /whole number/],
  ['x-fault', 'status:200', /status:400 to status:599/],
  ['x-fault', 'explode', /none of/],
])('%s: %s means nothing and is refused', async (name, value, reason) => {
  const answer = await ask(url, { headers: { [name]: value } });
  expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringMatching(reason) } });
});

test('a setting over HTTP holds for so many calls of its operation and leaves others alone', async () => {
  const setting = { delayMs: 1, fault: 'status:500', times: 2 };
  expect(await ask(`${catalog.url}/__faults/categories`, json('PUT', setting))).toMatchObject({ status: 204 });
  expect((await ask(`${catalog.url}/__faults`)).body).toEqual({ categories: setting });
  const statuses: number[] = [];
  for (const path of ['/categories', '/products', '/categories', '/categories']) {
    statuses.push((await ask(`${catalog.url}${path}`)).status);
  }
  expect(statuses).toEqual([500, 200, 500, 200]);
  expect((await ask(`${catalog.url}/__faults`)).body).toEqual({});
});

test('a setting without times holds until it is cleared', async () => {
  catalog.faults.set('categories', { fault: 'status:502' });
  expect([(await ask(url)).status, (await ask(url)).status]).toEqual([502, 502]);
  expect(await ask(`${catalog.url}/__faults`, { method: 'DELETE' })).toMatchObject({ status: 204 });
  expect((await ask(url)).status).toBe(200);
});

test('what a call asks for goes before the setting of its operation', async () => {
  catalog.faults.set('categories', { fault: 'status:502', times: 1 });
  expect((await ask(url, { headers: { 'x-fault': 'status:429' } })).status).toBe(429);
});

test.each([
  ['/__faults/nothing', {}, /no operation nothing/],
  ['/__faults/categories', { delayMs: 60_001 }, /delayMs/],
  ['/__faults/categories', { times: 0 }, /times/],
  ['/__faults/categories', { fault: 'code:UNAVAILABLE' }, /none of/],
  ['/__faults/categories', { delay: 5 }, /delay/],
])('a setting that means nothing is refused: %s %j', async (path, setting, reason) => {
  const answer = await ask(`${catalog.url}${path}`, json('PUT', setting));
  expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringMatching(reason) } });
  expect(catalog.faults.list()).toEqual({});
});

test('an operation without operationId is set by verb and path', () => {
  const faults = createFaults(['GET /a/{b}'], () => undefined, 'nothing');
  faults.set('GET /a/{b}', { delayMs: 5 });
  expect(faults.plan('GET /a/{b}', {})).toEqual({ delayMs: 5, fault: undefined });
  expect(() => faults.set('GET /a/{b}', { fault: 'x' })).toThrow(FaultSettingError);
});
