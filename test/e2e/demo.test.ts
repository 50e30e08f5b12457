/** What a newcomer runs first: `npm run demo`, here on free ports. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { send } from '../../examples/client/client.ts';
import { ordersOverview } from '../../examples/client/operations.ts';
import { DEMO_KEYS } from '../../examples/walk.ts';
import { root } from '../repository.ts';

function startDemo(args: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'examples/demo.ts'), ...args], {
    cwd: root,
    env: { ...process.env, PORT: '0', ADMIN_PORT: '0', HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const said = (wanted: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = wanted.exec(output);
        if (found) resolve(found);
      };
      child.stdout.on('data', look);
      look();
      void exited.then(() => reject(new Error(`the demo ended: ${output}`)));
    });
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return { child, exited, said, output: () => output };
}

test('--once shows the question, its answer and its calls, and ends with 0', { timeout: 90_000 }, async () => {
  const demo = startDemo(['--once']);
  expect(await demo.exited).toBe(0);
  expect(demo.output()).toContain('query OrdersOverview');
  expect(demo.output()).toContain('"name": ');
  expect(demo.output()).toContain('6 upstream calls in all.');
  expect(demo.output()).toMatch(/admin .*"ledgerId".*\n\s+nothing is forbidden/);
  expect(demo.output()).toMatch(/support .*"ledger":null.*\n\s+FORBIDDEN: ledger.ledgerId\n/);
  expect(demo.output()).toMatch(
    /customer .*"customers":null.*"orders":\[.*null.*\n\s+FORBIDDEN: customers, ledger.ledgerId, orders.\d.payment\n/,
  );
  expect(demo.output()).toMatch(/first +x-cache: MISS.* 1 upstream calls\n +second +x-cache: HIT.* 0 upstream calls\n/);
  expect(demo.output()).toMatch(
    /answers, then 429, retry-after: 1\n +The limit "anonymous" is reached.*\n +with a key: 200\n/,
  );
});

test('stays up for the typed client, and Ctrl-C ends gateway and services', { timeout: 90_000 }, async () => {
  const demo = startDemo([]);
  const [, url = ''] = await demo.said(/GraphQL\s+(http\S+)/);
  await demo.said(/Press Ctrl-C/);
  const { data, errors } = await send(url, ordersOverview, { limit: 2 }, { 'x-api-key': DEMO_KEYS.customer });
  expect(errors).toBeUndefined();
  expect(data?.orders).toHaveLength(2);
  expect(data?.orders?.[0]?.items.length).toBeGreaterThan(0);
  demo.child.kill('SIGINT');
  expect(await demo.exited).toBe(0);
  await expect(send(url, ordersOverview, { limit: 1 })).rejects.toThrow('fetch failed');
});
