/** Answers of gRPC servers that are compressed, well or badly. */
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { options, PROTO } from './grpc-things.ts';
import { callOf, failureOf } from './kit.ts';

const MAX_BYTES = 100_000;

let server: Http2Server;
let connector: Connector;
let answer: { encoding: string; body: Buffer };

beforeAll(async () => {
  expect(PROTO).toContain('string thing_id = 1');
  server = createServer();
  server.on('stream', (stream) => {
    const { encoding, body } = answer;
    stream.resume();
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-encoding': encoding },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    const head = Buffer.alloc(5);
    head[0] = 1;
    head.writeUInt32BE(body.length, 1);
    stream.end(Buffer.concat([head, body]));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  connector = openConnector('grpc', await options({ endpoints: [endpoint], maxBodyBytes: MAX_BYTES }));
});

afterAll(async () => {
  await connector[Symbol.asyncDispose]();
  server.close();
});

/** A Thing whose id has that many letters. */
function thing(length: number): Buffer {
  const id = 'x'.repeat(length);
  const size = [];
  for (let rest = length; ; rest >>>= 7) {
    size.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([0x0a, ...size]), Buffer.from(id)]);
}

async function readStream(): Promise<unknown[]> {
  const messages = [];
  for await (const message of connector.stream?.(callOf('watchThings')) ?? []) messages.push(message);
  return messages;
}

describe('an answer', () => {
  beforeEach(() => {
    answer = { encoding: 'gzip', body: gzipSync(thing(5)) };
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('in %s is read', async (encoding, pack) => {
    answer = { encoding, body: pack(thing(5)) };
    expect((await connector.call(callOf('getThing'))).data).toMatchObject({ thing_id: 'xxxxx' });
    expect(await readStream()).toMatchObject([{ thing_id: 'xxxxx' }]);
  });

  it.each([
    ['gzip that grows beyond the limit', 'gzip', gzipSync(thing(MAX_BYTES + 1))],
    ['deflate that grows beyond the limit', 'deflate', deflateSync(thing(MAX_BYTES + 1))],
    ['no gzip', 'gzip', Buffer.from('nothing of that kind')],
    ['no deflate', 'deflate', Buffer.from('nothing of that kind')],
    ['a coding that nobody has', 'snappy', thing(5)],
    ['none, and says it is compressed', 'identity', thing(5)],
  ])('that is %s is a bad payload', async (_, encoding, body) => {
    answer = { encoding, body };
    expect((await failureOf(connector.call(callOf('getThing')))).code).toBe('UPSTREAM_BAD_PAYLOAD');
    expect((await failureOf(readStream())).code).toBe('UPSTREAM_BAD_PAYLOAD');
  });
});
