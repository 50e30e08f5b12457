import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCallRecorder } from '../../examples/lib/call-counter.ts';
import type { RunningServer } from '../../examples/lib/running-server.ts';
import { startOrders } from '../../examples/orders/server.ts';
import { ask, json } from './clients.ts';

describe('the counter', () => {
  const call = (operation: string): Parameters<ReturnType<typeof createCallRecorder>['record']>[0] => ({
    operation,
    input: {},
    headers: {},
  });

  test('counts all calls and lists the latest', () => {
    const { counter, record } = createCallRecorder({ listed: 2 });
    for (const operation of ['a', 'b', 'c']) {
      record(call(operation));
    }
    expect(counter.total()).toBe(3);
    expect(counter.byOperation()).toEqual({ a: 1, b: 1, c: 1 });
    expect(counter.list().map(({ operation }) => operation)).toEqual(['b', 'c']);
  });

  test('a cancellation counts once, and not after a reset', () => {
    const { counter, record } = createCallRecorder();
    const mark = record(call('a'));
    const late = record(call('a'));
    mark.cancel();
    mark.cancel();
    expect(counter.cancelled()).toBe(1);
    counter.reset();
    late.cancel();
    expect(counter.cancelled()).toBe(0);
    expect(counter.total()).toBe(0);
  });

  test('waiting ends when the calls are there, or with an error that says what was', async () => {
    const { counter, record } = createCallRecorder({ maxWaiters: 1 });
    const arrived = counter.until((calls) => calls.total() === 2);
    await expect(counter.until((calls) => calls.total() === 3)).rejects.toThrow('more than 1 wait');
    record(call('a'));
    record(call('a'));
    await arrived;
    await expect(counter.until((calls) => calls.total() === 3, 1)).rejects.toThrow('{"a":2}');
  });
});

describe('a REST service', () => {
  let orders: RunningServer;

  beforeAll(async () => {
    orders = await startOrders();
  });

  afterAll(async () => {
    await orders[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    orders.calls.reset();
    orders.faults.clear();
  });

  test('remembers operation, keys, body and headers, also of a refused call', async () => {
    await ask(`${orders.url}/customers?ids=cus_0002&ids=cus_0001`, { headers: { 'x-request-id': 'r1' } });
    await ask(`${orders.url}/orders/ord_00001`, json('PATCH', { note: 'Ring once' }));
    await ask(`${orders.url}/orders/ord_00001/timeline`);
    await ask(`${orders.url}/customers?limit=none`);
    expect(orders.calls.list()).toMatchObject([
      { operation: 'customers', input: { ids: ['cus_0002', 'cus_0001'] }, headers: { 'x-request-id': 'r1' } },
      { operation: 'updateOrder', input: { orderId: 'ord_00001', body: { note: 'Ring once' } }, cancelled: false },
      { operation: 'GET /orders/{orderId}/timeline', input: { orderId: 'ord_00001' } },
      { operation: 'customers', input: { limit: 'none' } },
    ]);
    expect(orders.calls.byOperation()).toEqual({
      customers: 2,
      updateOrder: 1,
      'GET /orders/{orderId}/timeline': 1,
    });
  });

  test('shows and resets its counter over HTTP, and does not count that', async () => {
    await ask(`${orders.url}/customers`);
    expect(await ask(`${orders.url}/__calls`)).toMatchObject({
      status: 200,
      body: { total: 1, cancelled: 0, byOperation: { customers: 1 }, calls: [{ operation: 'customers' }] },
    });
    expect(await ask(`${orders.url}/__calls`, { method: 'DELETE' })).toMatchObject({ status: 204 });
    expect(orders.calls.total()).toBe(0);
  });

  test.each([
    ['a delayed answer', { 'x-delay-ms': '60000' }],
    ['a hanging answer', { 'x-fault': 'hang' }],
  ])('notes the client that leaves %s', async (_, headers) => {
    const client = new AbortController();
    const request = fetch(`${orders.url}/customers`, { headers, signal: client.signal });
    await orders.calls.until((calls) => calls.total() === 1);
    client.abort();
    await expect(request).rejects.toThrow('abort');
    await orders.calls.until((calls) => calls.cancelled() === 1);
    expect(orders.calls.list()).toMatchObject([{ operation: 'customers', cancelled: true }]);
  });

  test('a client that leaves takes nothing of a write with it', async () => {
    const client = new AbortController();
    const url = `${orders.url}/customers/cus_0005`;
    const request = fetch(url, { method: 'DELETE', headers: { 'x-delay-ms': '60000' }, signal: client.signal });
    await orders.calls.until((calls) => calls.total() === 1);
    client.abort();
    await expect(request).rejects.toThrow('abort');
    await orders.calls.until((calls) => calls.cancelled() === 1);
    expect(await ask(url)).toMatchObject({ status: 200 });
  });

  test('stops while a call hangs', async () => {
    const other = await startOrders();
    const request = fetch(`${other.url}/customers`, { headers: { 'x-fault': 'hang' } });
    const failed = expect(request).rejects.toThrow();
    await other.calls.until((calls) => calls.total() === 1);
    await other[Symbol.asyncDispose]();
    await failed;
  });
});
