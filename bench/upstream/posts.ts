import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPostsData, greeting } from '../workloads/posts/data.ts';
import type { UpstreamCalls } from './control.ts';
import { serveControl } from './control.ts';

/**
 * The upstream of the posts workload as a process: JSONPlaceholder's `/posts`, `/users?id=…` and `/users/:id` plus
 * `/greet`, out of memory. Bodies are encoded once, because the upstream shares its core with the load generator and
 * must never be what is measured.
 */
const { posts, users } = createPostsData();
const encode = (value: unknown) => Buffer.from(JSON.stringify(value, null, 2));
const fixed = new Map<string, { operation: string; body: Buffer }>([
  ['/posts', { operation: 'posts', body: encode(posts) }],
  ['/greet', { operation: 'greet', body: encode(greeting) }],
  ['/users', { operation: 'users', body: encode(users) }],
  ...users.map((user) => [`/users/${user.id}`, { operation: 'userById', body: encode(user) }] as const),
]);
/** Answers to `/users?id=…` by URL; cleared when full, so odd URLs cannot make it grow. */
const lists = new Map<string, Buffer>();
const maxLists = 1000;

const latencyMs = Number(process.env['BENCH_LATENCY_MS'] ?? 0);

let calls = emptyCalls();

const server = createServer({ keepAlive: true }, (request, response) => {
  const url = request.url ?? '/';
  // A tag makes requests differ and answers not.
  const found = fixed.get(url.replace(/\?tag=.*/, '')) ?? usersByIds(url);
  calls.total += 1;
  if (request.headers.authorization !== undefined) calls.withAuthorization += 1;
  const operation = found?.operation ?? 'unknown';
  calls.byOperation[operation] = (calls.byOperation[operation] ?? 0) + 1;
  const body = found?.body ?? Buffer.from('{}');
  response.writeHead(found ? 200 : 404, [
    'content-type',
    'application/json; charset=utf-8',
    'content-length',
    String(body.length),
  ]);
  if (latencyMs === 0) response.end(body);
  else setTimeout(() => response.end(body), latencyMs);
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  serveControl(
    { posts: port, users: port },
    () => calls,
    () => {
      calls = emptyCalls();
    },
  );
});

function emptyCalls(): UpstreamCalls & { withAuthorization: number } {
  return { total: 0, withAuthorization: 0, byOperation: {} };
}

/** Rows in the order of the table, not of the ids asked for: that is what JSONPlaceholder does. */
function usersByIds(url: string): { operation: string; body: Buffer } | null {
  if (!url.startsWith('/users?')) return null;
  let body = lists.get(url);
  if (body === undefined) {
    const ids = new Set(new URLSearchParams(url.slice('/users?'.length)).getAll('id'));
    body = encode(users.filter((user) => ids.has(String(user.id))));
    if (lists.size >= maxLists) lists.clear();
    lists.set(url, body);
  }
  return { operation: 'users', body };
}
