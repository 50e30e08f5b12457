/** A connection that dies without a word: no FIN, no RST, only silence. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createGrpcTransport } from '../../../gateway/connect/grpc/transport.ts';
import { type FaultyUpstream, startFaultyGrpc } from '../../kit/faulty-upstream.ts';

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
