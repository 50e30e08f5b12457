/** A connection that dies without a word: no FIN, no RST, only silence. */
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { policySchema } from '../../../gateway/config/policy.ts';
import { createGrpcTransport } from '../../../gateway/connect/grpc/transport.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { type FaultyUpstream, startFaultyGrpc } from '../../kit/faulty-upstream.ts';
import { until } from '../../kit/until.ts';
import { options } from './grpc-things.ts';
import { callOf } from './kit.ts';

const PATH = '/shop.v1.Shop/Get';
const closing: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Stands between client and upstream; `silence` swallows what either says from then on, on connections that are open. */
async function startProxy(upstream: FaultyUpstream) {
  const pairs: [Socket, Socket][] = [];
  const port = Number(upstream.endpoint.split(':')[1]);
  const server = createServer((inside) => {
    const outside = connect(port, '127.0.0.1');
    pairs.push([inside, outside]);
    for (const socket of [inside, outside]) socket.on('error', () => undefined);
    inside.pipe(outside).pipe(inside);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of pairs.flat()) socket.destroy();
    server.close();
  });
  return {
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => pairs.length,
    silence(): void {
      for (const [inside, outside] of pairs) {
        inside.unpipe(outside);
        outside.unpipe(inside);
        inside.resume();
        outside.resume();
      }
    },
  };
}

it('is noticed while a call waits on it, long before the deadline, and the next call goes over another', async () => {
  const upstream = await startFaultyGrpc([PATH], (call, reply) => reply(null, call.request));
  closing.push(() => upstream[Symbol.asyncDispose]());
  const proxy = await startProxy(upstream);
  const keepalive = { afterMs: 50, timeoutMs: 50 };
  const transport = createGrpcTransport({ source: 's', endpoints: [proxy.endpoint], maxBodyBytes: 1000, keepalive });
  closing.push(() => transport[Symbol.asyncDispose]());
  const request = { path: PATH, headers: new Map(), remainingMs: 20_000, message: Buffer.from('hi') };
  const ask = () => transport.send(request, new AbortController().signal);
  expect(await ask()).toEqual({ message: Buffer.from('hi') });
  proxy.silence();
  // Without it this would be DEADLINE_EXCEEDED, after twenty seconds.
  expect(await ask()).toMatchObject({ name: 'UNAVAILABLE' });
  expect(upstream.calls()).toBe(1);
  expect(await ask()).toEqual({ message: Buffer.from('hi') });
  expect(proxy.connections()).toBe(2);
});

/** A server that never answers, and counts how often each connection asks whether it is alive. */
async function startSilent() {
  const sessions = new Set<ServerHttp2Session>();
  let pings = 0;
  const server = createHttp2Server();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('ping', () => {
      pings += 1;
    });
    session.on('error', () => undefined);
  });
  server.on('stream', (stream) => stream.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`, pings: () => pings };
}

it('is asked whether it is alive as often as the policy says, and never so often that servers mind without it', async () => {
  const { keepaliveMs } = policySchema.parse({}).connections;
  expect(keepaliveMs).toBeGreaterThan(300_000);
  const silent = await startSilent();
  const policy = { connections: { keepaliveMs: 20 } };
  const connector = openConnector('grpc', await options({ endpoints: [silent.endpoint], policy }));
  closing.push(() => connector[Symbol.asyncDispose]());
  const client = new AbortController();
  const call = connector.call(callOf('getThing', {}, { signal: client.signal })).catch(() => undefined);
  await until(() => silent.pings() >= 3);
  client.abort();
  await call;
});
