import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createPlainH2,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { AddressInfo, Server } from 'node:net';

/** One list and many small rows out of memory: by HTTP/1.1, by HTTP/2, and by both over TLS where there is a certificate. */
const list = Buffer.from(
  JSON.stringify(Array.from({ length: 20 }, (_, id) => ({ id, title: `The title of post ${id}` }))),
);
const row = Buffer.from(
  JSON.stringify({ id: 1, name: 'Leanne Graham', email: 'leanne@example.org', city: 'Gwenborough' }),
);

function answer(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void {
  const body = request.url === '/posts' ? list : row;
  (response as ServerResponse).writeHead(200, {
    'content-type': 'application/json',
    'content-length': String(body.length),
  });
  (response as ServerResponse).end(body);
}

const folder = process.env['BENCH_CERTIFICATE'];
const tls = folder ? { cert: readFileSync(`${folder}/cert.pem`), key: readFileSync(`${folder}/key.pem`) } : undefined;
const servers: Readonly<Record<string, Server>> = {
  h1: createServer({ keepAlive: true }, answer),
  h2: createPlainH2(answer) as Server,
  ...(tls && { tls: createSecureServer({ ...tls, allowHTTP1: true }, answer) as Server }),
};
const ports = await Promise.all(
  Object.entries(servers).map(
    ([name, server]) =>
      new Promise<[string, number]>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve([name, (server.address() as AddressInfo).port]));
      }),
  ),
);
process.send?.(Object.fromEntries(ports));
