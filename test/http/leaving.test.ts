/** A port that another process goes on with: nobody new is accepted, and whoever keeps a connection open leaves it with one more answer. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { listenAdmin } from '../../gateway/admin/listen.ts';
import { openListener } from '../../gateway/http/listener.ts';

const LONG_MS = 60_000;
const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

/** Opens a connection; `ask` sends a request and resolves with the head of its answer. */
async function open(url: string): Promise<{ socket: Socket; ask(): Promise<string>; closed: Promise<unknown> }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  const ask = async (): Promise<string> => {
    socket.write(GET);
    const [bytes] = await once(socket, 'data');
    return String(bytes).toLowerCase();
  };
  return { socket, ask, closed };
}

const refused = async (url: string): Promise<boolean> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const [error] = await once(socket, 'error');
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
};

it('clients get one more answer on a connection, which says that it closes', async () => {
  const waiting: ServerResponse[] = [];
  const listener = await openListener({
    host: '127.0.0.1',
    port: 0,
    handle: (request, response) => void (request.url === '/slow' ? waiting.push(response) : response.end('ok')),
    upgrade: (_request, socket) => socket.destroy(),
  });
  const [kept, slow] = [await open(listener.url), await open(listener.url)];
  expect(await kept.ask()).toContain('connection: keep-alive');
  slow.socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n');
  while (waiting.length === 0) await new Promise(setImmediate);
  const over: string[] = [];
  const drained = listener.drain(LONG_MS, () => void over.push('over'), 'replaced');
  expect([over, await refused(listener.url)]).toEqual([['over'], true]);
  expect(await kept.ask()).toContain('connection: close');
  const answered = once(slow.socket, 'data');
  waiting[0]?.end('late');
  expect(String(await answered).toLowerCase()).toContain('connection: close');
  expect(await drained).toBe(0);
  await Promise.all([kept.closed, slow.closed]);
});

it('clients are not asked to leave all at once', async () => {
  let time = 0;
  const listener = await openListener({
    host: '127.0.0.1',
    port: 0,
    handle: (_request, response) => void response.end('ok'),
    upgrade: (_request, socket) => socket.destroy(),
    now: () => time,
  });
  const clients = [await open(listener.url), await open(listener.url), await open(listener.url)];
  const [first, second, third] = clients;
  const leaves = async (client = first): Promise<boolean> => /connection: close/.test((await client?.ask()) ?? '');
  expect([await leaves(first), await leaves(second), await leaves(third)]).toEqual([false, false, false]);
  const drained = listener.drain(LONG_MS, () => undefined, 'replaced');
  expect([await leaves(first), await leaves(second), await leaves(third)]).toEqual([true, false, false]);
  time = 500;
  expect([await leaves(third), await leaves(second)]).toEqual([true, false]);
  time = 1000;
  expect(await leaves(second)).toBe(true);
  expect(await drained).toBe(0);
  await Promise.all(clients.map(({ closed }) => closed));
});

it('a connection that nobody uses is closed at the limit, a request that does not end is counted', async () => {
  const listener = await openListener({
    host: '127.0.0.1',
    port: 0,
    handle: () => undefined,
    upgrade: (_request, socket) => socket.destroy(),
  });
  const [idle, stuck] = [await open(listener.url), await open(listener.url)];
  stuck.socket.write(GET);
  while (listener.inFlight() === 0) await new Promise(setImmediate);
  expect(await listener.drain(1, () => undefined, 'replaced')).toBe(1);
  await Promise.all([idle.closed, stuck.closed]);
});

it('an answer that the admin port is making is sent, and says that its connection closes', async () => {
  let answer: (response: Response) => void = () => undefined;
  const app = new Hono().get('/', () => new Promise<Response>((resolve) => (answer = resolve)));
  const admin = await listenAdmin(app, { host: '127.0.0.1', port: 0 });
  const client = await open(admin.url);
  const asked = client.ask();
  while (answer.length === 0) await new Promise(setImmediate);
  const left = admin.leave(LONG_MS);
  expect(await refused(admin.url)).toBe(true);
  answer(new Response('made'));
  expect(await asked).toContain('connection: close');
  await Promise.all([left, client.closed]);
  await admin[Symbol.asyncDispose]();
});
