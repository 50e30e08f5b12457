/**
 * All upstreams of the growth bench as one process: things by id, rows as many as asked for, partners by their ids. Any other address is
 * answered with an empty object, which is right for every operation whose properties may be missing.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveControl } from '../upstream/control.ts';
import { createPartner, createRows, createThing } from './rows.ts';

const MAX_KEPT = 1000;

/** Bodies by URL, encoded once: the upstream must never be what is measured. Cleared when full, so odd URLs cannot make it grow. */
const bodies = new Map<string, Buffer>();
let total = 0;

const server = createServer({ keepAlive: true, maxHeaderSize: 65_536 }, (request, response) => {
  const url = request.url ?? '/';
  total += 1;
  const body = bodies.get(url) ?? keep(url, Buffer.from(JSON.stringify(answer(url))));
  response.writeHead(200, ['content-type', 'application/json', 'content-length', String(body.length)]);
  response.end(body);
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const read = () => ({ total, withAuthorization: null, byOperation: {} });
  serveControl({ growth: port }, read, () => {
    total = 0;
  });
});

function keep(url: string, body: Buffer): Buffer {
  if (bodies.size >= MAX_KEPT) bodies.clear();
  bodies.set(url, body);
  return body;
}

function answer(url: string): unknown {
  const { pathname, searchParams } = new URL(url, 'http://upstream');
  if (pathname === '/rows') return createRows(Number(searchParams.get('count')));
  if (pathname === '/partners') return searchParams.getAll('id').map(createPartner);
  const id = /^\/\w+\/things\d+\/(\w+)$/.exec(pathname)?.[1];
  return id === undefined ? {} : createThing(id);
}
