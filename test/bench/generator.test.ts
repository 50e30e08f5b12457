import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { runJob } from '../../bench/load/job.ts';
import type { Vary } from '../../bench/load/request.ts';

async function startServer(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function queryOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return (JSON.parse(Buffer.concat(chunks).toString()) as { query: string }).query;
}

function job(port: number, vary: Vary, limits: { seconds?: number; drainSeconds?: number } = {}) {
  const operation = { rootField: 'greet', rest: '' };
  return runJob(
    { port, path: '/', connections: 4, seconds: 0.2, drainSeconds: 5, operation, vary, expected: 'hi', ...limits },
    serials(),
  );
}

function serials(): () => string {
  let last = 0;
  return () => {
    last += 1;
    return String(last).padStart(10, '0');
  };
}

test('every request of a round arrives once, is answered and counted, with its own operation', async () => {
  const queries: string[] = [];
  await using server = await startServer(async (request, response) => {
    const query = await queryOf(request);
    queries.push(query);
    const key = /q\d+/.exec(query)?.[0] ?? '';
    response.end(JSON.stringify({ data: { [key]: 'hi' } }));
  });
  const result = await job(server.port, 'operation');
  expect(result.completed).toBeGreaterThan(4);
  expect(result.completed).toBe(queries.length);
  expect(new Set(queries).size).toBe(queries.length);
  expect(result.failures).toEqual({ status: 0, answer: 0, network: 0, unfinished: 0 });
  expect(result.firstFailure).toBeNull();
  expect(result.p50Ms).toBeLessThanOrEqual(result.p99Ms);
  expect(result.p99Ms).toBeLessThanOrEqual(result.maxMs);
});

test('errors, wrong answers and dropped connections are told apart, and are no throughput', async () => {
  let count = 0;
  await using server = await startServer((request, response) => {
    request.resume();
    count += 1;
    if (count % 4 === 1) response.writeHead(500).end('{}');
    else if (count % 4 === 2) response.end('{"data":{"greet":"ho"}}');
    else if (count % 4 === 3) request.socket.destroy();
    else response.end('{"data":{"greet":"hi"}}');
  });
  const { failures, completed, firstFailure } = await job(server.port, 'nothing');
  expect(failures.status).toBeGreaterThan(0);
  expect(failures.answer).toBeGreaterThan(0);
  expect(failures.network).toBeGreaterThan(0);
  expect(failures.unfinished).toBe(0);
  expect(completed + failures.status + failures.answer + failures.network).toBe(count);
  expect(firstFailure).not.toBeNull();
});

test('a server that never answers costs the time allowed, not more, and every request in flight is counted', async () => {
  await using server = await startServer((request) => request.resume());
  const result = await job(server.port, 'nothing', { seconds: 0.1, drainSeconds: 0.2 });
  expect(result.completed).toBe(0);
  expect(result.failures).toEqual({ status: 0, answer: 0, network: 0, unfinished: 4 });
  expect(result.elapsedMs).toBeGreaterThanOrEqual(250);
});

test('a server that is not there is a failure of the round, not an endless loop', async () => {
  const gone = await startServer((_request, response) => response.end());
  await gone[Symbol.asyncDispose]();
  const result = await job(gone.port, 'nothing', { seconds: 0.1 });
  expect(result.completed).toBe(0);
  expect(result.failures.network).toBeGreaterThan(0);
});
