import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createAdmin } from '../../../gateway/admin/app.ts';
import { listenAdmin } from '../../../gateway/admin/listen.ts';
import type { Readiness } from '../../../gateway/admin/readiness.ts';
import { createBreakers } from '../../../gateway/connect/chain/breakers.ts';
import { createMetrics } from '../../../gateway/observe/metrics.ts';

function setUp(readiness: Readiness = { ready: true, generation: 'g1', sources: [{ name: 'a', state: 'serving' }] }) {
  const state = { current: readiness };
  return { state, app: createAdmin({ readiness: () => state.current, metrics: createMetrics() }) };
}

describe('the admin app', () => {
  it('is alive whether it is ready or not', async () => {
    const { app, state } = setUp();
    state.current = { ready: false, sources: [] };
    const live = await app.request('/health/live');
    expect([live.status, await live.json()]).toEqual([200, { live: true }]);
  });

  it('is ready only while a generation serves, and says why not', async () => {
    const { app, state } = setUp();
    const ready = await app.request('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([200, state.current]);
    state.current = { ready: false, sources: [{ name: 'a', state: 'failed', message: 'a.yaml:1:1 broken' }] };
    const waiting = await app.request('/health/ready');
    expect([waiting.status, await waiting.json()]).toEqual([503, state.current]);
    expect(waiting.headers.get('cache-control')).toBe('no-store');
  });

  it('shows metrics in the Prometheus text format', async () => {
    const response = await setUp().app.request('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toContain('# TYPE tributary_operations_total counter');
  });

  it('lists breakers, holds one open and lets it go', async () => {
    const breakers = createBreakers();
    const app = createAdmin({ readiness: () => ({ ready: true, sources: [] }), metrics: createMetrics(), breakers });
    const put = (path: string, body: unknown): Promise<Response> =>
      Promise.resolve(
        app.request(path, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      );
    const unknown = await put('/breakers/orders/order', { forced: 'open' });
    expect([unknown.status, await unknown.json()]).toMatchObject([
      404,
      { detail: 'Nothing calls the operation order of orders: GET /breakers lists what is called.' },
    ]);
    expect((await put('/breakers/orders', { forced: 'open' })).status).toBe(404);
    for (const operation of ['order', 'customers']) breakers.of('orders', operation);
    expect((await put('/breakers/orders/order', { forced: 'ajar' })).status).toBe(400);
    expect(await (await put('/breakers/orders/order', { forced: 'open' })).json()).toMatchObject({
      breakers: [{ source: 'orders', operation: 'order', forced: 'open' }],
    });
    await put('/breakers/orders/order', { forced: null });
    const listed = (await (await app.request('/breakers')).json()) as { breakers: object[] };
    expect(listed.breakers.filter((each) => 'forced' in each)).toEqual([]);
    expect(await (await put('/breakers/orders', { forced: 'open' })).json()).toMatchObject({
      breakers: [
        { operation: 'order', forced: 'open' },
        { operation: 'customers', forced: 'open' },
      ],
    });
  });

  it.each(['/', '/graphql', '/health', '/metrics/x', '/..%2f'])('answers %s with a problem document', async (path) => {
    const response = await setUp().app.request(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ title: 'Not Found', status: 404 });
  });

  it('answers a fault of its own without its text', async () => {
    const failing = { expose: () => Promise.reject(new Error('hunter2')), contentType: 'text/plain' };
    const response = await createAdmin({ readiness: () => ({ ready: true, sources: [] }), metrics: failing }).request(
      '/metrics',
    );
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('hunter2');
  });
});

describe('listenAdmin', () => {
  it('takes a free port, answers, and lets go of it although a client keeps its connection open', async () => {
    const listener = await listenAdmin(setUp().app, { host: '127.0.0.1', port: 0 });
    const response = await fetch(`${listener.url}/health/live`);
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    const idle = request(`${listener.url}/health/live`, { headers: { connection: 'keep-alive' } });
    const dropped = new Promise((resolve) => idle.once('error', resolve));
    idle.write(''); // Headers are never finished: the socket stays open until somebody closes it.
    await new Promise((resolve) => idle.once('socket', (socket) => socket.once('connect', resolve)));
    await listener[Symbol.asyncDispose]();
    expect(await dropped).toBeInstanceOf(Error);
    await expect(fetch(`${listener.url}/health/live`)).rejects.toThrow();
  });

  it('rejects when the port is taken', async () => {
    await using first = await listenAdmin(setUp().app, { host: '127.0.0.1', port: 0 });
    await expect(listenAdmin(setUp().app, { host: '127.0.0.1', port: first.port })).rejects.toThrow('EADDRINUSE');
  });
});
