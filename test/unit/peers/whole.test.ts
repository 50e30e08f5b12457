/** One source among others: a contract that breaks, and a source that never answers. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { createEvents } from '../../../gateway/observe/events.ts';
import { createLog } from '../../../gateway/observe/log.ts';
import { createMetrics } from '../../../gateway/observe/metrics.ts';
import { openSupply } from '../../../gateway/registry/supply.ts';
import { readSettings, startApp } from '../../kit/app.ts';
import { warmBuilder } from '../../kit/builder.ts';
import { startKit } from '../../kit/index.ts';
import { endpointVariable, removeProjects, writeProject } from '../../kit/project.ts';
import { ask } from '../../kit/serve-feed.ts';
import { until } from '../../kit/until.ts';
import { startRest } from '../../kit/upstream.ts';
import { peersWorld } from './worlds.ts';

// A build reads contracts in a worker: seconds alone, more where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
afterAll(removeProjects);

it('mesh#3933 a contract that cannot be read costs its own source, and no other, from the first start on', async () => {
  const { dir } = await writeProject(peersWorld('rest'));
  try {
    await writeFile(join(dir, 'sources', 'desk', 'openapi.yaml'), 'openapi: 3.1.0\npaths: { /letters: [');
    await using upstream = await startRest('ledger', [
      { request: 'GET /accounts', answer: { body: [{ id: 'a', owner: null, closedAt: null, limits: null }] } },
    ]);
    const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() });
    const env = { [endpointVariable('ledger')]: upstream.endpoint };
    await using supply = await openSupply({
      dir,
      env,
      config: readSettings({}),
      events,
      now: Date.now,
      watch: false,
      builder: warmBuilder(),
    });
    await using app = startApp(supply);
    const { ready, sources } = app.readiness();
    const states = sources.map(({ name, state }) => `${name} ${state}`);
    expect({ ready, states }).toEqual({ ready: true, states: ['desk failed', 'kennel serving', 'ledger serving'] });
    const good = await app.query('{ accounts { id } }');
    expect(good.body).toEqual({ data: { accounts: [{ id: 'a' }] } });
    const bad = await app.query('{ letters { id } }');
    expect(bad.body.errors?.map(({ extensions }) => extensions['code'])).toEqual(['VALIDATION_FAILED']);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

it('mesh#3892 what fast sources have said reaches the client while a slow one says nothing', async () => {
  await using kit = await startKit({
    world: peersWorld('mixed'),
    exchanges: {
      orders: [{ request: 'GET /orders', answer: { body: [{ id: 1, buyerId: 7 }] } }],
      people: [{ request: 'usersByIds', answer: { never: true } }],
      visitors: [{ request: 'me', answer: { body: { data: { me: { badge: 'b' } } } } }],
    },
  });
  const { url } = await kit.app.listen();
  const query = '{ orders { id ... @defer(label: "late") { buyer { name } } } visitorsMe { badge } }';
  const { parts } = await ask(`${url}/graphql`, query, 'multipart/mixed');
  expect(await parts.take(1)).toEqual([{ data: { orders: [{ id: '1' }], visitorsMe: { badge: 'b' } }, hasNext: true }]);
  const slow = kit.upstreams.get('people');
  await until(() => slow?.ledger.calls() === 1);
  await parts.leave();
  await until(() => slow?.cancelled() === 1);
  expect(kit.faults()).toEqual([]);
});
