import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { runJob } from '../../bench/load/job.ts';
import type { Vary } from '../../bench/load/request.ts';

type Arrival = { query: string; response: ServerResponse; socket: Socket };

const connections = 4;
const nothing = { status: 0, answer: 0, network: 0, unfinished: 0 };

/** A server that answers opening requests itself and leaves the others to the test. */
async function startServer(answer: (arrival: Arrival) => void) {
  const openings: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { query } = JSON.parse(body) as { query: string };
    if (query !== '{__typename}') return answer({ query, response, socket: request.socket });
    openings.push(query);
    response.end('{"data":{"__typename":"Query"}}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    openings,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function job(port: number, vary: Vary, limits = {}, ready = async () => {}) {
  const operation = { rootField: 'greet', rest: '' };
  const load = { connections, seconds: 0.2, drainSeconds: 5, ...limits };
  let last = 0;
  const nextSerial = () => {
    last += 1;
    return String(last).padStart(10, '0');
  };
  return runJob({ port, path: '/', operation, vary, expected: 'hi', ...load }, { nextSerial, ready });
}

test('every request of a round arrives once, is answered and counted, with its own operation', async () => {
  const queries: string[] = [];
  await using server = await startServer(({ query, response }) => {
    queries.push(query);
    response.end(JSON.stringify({ data: { [/q\d+/.exec(query)?.[0] ?? '']: 'hi' } }));
  });
  const result = await job(server.port, 'operation');
  expect(result.completed).toBeGreaterThan(connections);
  expect(result.completed).toBe(queries.length);
  expect(new Set(queries).size).toBe(queries.length);
  expect(result).toMatchObject({ failures: nothing, firstFailure: null });
  expect(result.p50Ms).toBeLessThanOrEqual(result.p99Ms);
  expect(result.p99Ms).toBeLessThanOrEqual(result.maxMs);
});

test('all connections are open, and nothing is in flight, when the counters are read', async () => {
  let arrived = 0;
  await using server = await startServer(({ response }) => {
    arrived += 1;
    response.end('{"data":{"greet":"hi"}}');
  });
  let before = { openings: 0, arrived: -1 };
  const result = await job(server.port, 'nothing', {}, async () => {
    before = { openings: server.openings.length, arrived };
  });
  expect(before).toEqual({ openings: connections, arrived: 0 });
  expect(server.openings).toHaveLength(connections);
  expect(result.completed).toBe(arrived);
});

test('errors, wrong answers and dropped connections are told apart, and are no throughput', async () => {
  let count = 0;
  await using server = await startServer(({ response, socket }) => {
    count += 1;
    if (count % 4 === 1) response.writeHead(500).end('{}');
    else if (count % 4 === 2) response.end('{"data":{"greet":"ho"}}');
    else if (count % 4 === 3) socket.destroy();
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
  await using server = await startServer(() => {});
  const result = await job(server.port, 'nothing', { seconds: 0.1, drainSeconds: 0.2 });
  expect(result).toMatchObject({ completed: 0, failures: { ...nothing, unfinished: connections } });
  expect(result.elapsedMs).toBeGreaterThanOrEqual(250);
});

test('a server that is not there is a failure of the round, not an endless loop', async () => {
  const gone = await startServer(() => {});
  await gone[Symbol.asyncDispose]();
  const result = await job(gone.port, 'nothing', { seconds: 0.1 });
  expect(result).toMatchObject({ completed: 0, failures: { ...nothing, network: connections } });
});
