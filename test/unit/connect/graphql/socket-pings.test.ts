/** An upstream that pings over WebSocket and never reads the answers. */
import { expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { until } from '../../../kit/until.ts';
import { connectorOf, next, open, polite, say, startSocket } from './subscription-kit.ts';

const LONG = 'x'.repeat(65_536);
/** As long as a ping may be (RFC 6455 §5.5). */
const LONG_PING = 'x'.repeat(125);

it.each<[string, number, (socket: WebSocket) => void]>([
  ['of the protocol', 400, (socket) => say(socket, { type: 'ping', payload: { bytes: LONG } })],
  ['of WebSocket', 100_000, (socket) => socket.ping(LONG_PING)],
])('answers no more pings %s than the upstream takes answers', async (_what, count, ping) => {
  let pongs = 0;
  await using upstream = await startSocket(
    polite((socket) => {
      socket.on('pong', () => {
        pongs += 1;
      });
      socket.pause();
      for (let n = 0; n < count; n += 1) ping(socket);
      say(socket, next({ data: { ticks: { n: 1 } } }));
    }),
  );
  await using connector = connectorOf({ endpoints: [upstream.url] }, { subscriptions: { protocol: 'graphql-ws' } });
  const events = open(connector);
  expect(await events.next()).toEqual({ done: false, value: { n: 1 } });
  for (const { socket } of upstream.sockets) socket.resume();
  await events.return?.();
  await until(() => upstream.open() === 0);
  const answered = pongs + (upstream.sockets[0]?.said ?? []).filter(({ type }) => type === 'pong').length;
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThan(count);
});
