/** Generations and the end of the process: nobody in flight is lost, and nothing waits for ever. */
import { Agent, request as httpRequest } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { KitApp } from '../kit/app.ts';
import { startApp } from '../kit/app.ts';
import type { FixedGeneration } from '../kit/fixed-supply.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';
import { until } from '../kit/until.ts';

/** A generation whose field `slow` answers when told to. */
function makeSlow(id: string): FixedGeneration & { release: () => void; waiting: () => number } {
  const waiting: (() => void)[] = [];
  const schema = makeSchema('type Query { id: String, slow: String }', {
    Query: {
      id: () => id,
      slow: () => new Promise((resolve) => waiting.push(() => resolve(id))),
    },
  });
  const release = (): void => {
    for (const go of waiting.splice(0)) go();
  };
  return Object.assign(makeGeneration(id, schema), { release, waiting: () => waiting.length });
}

const idOf = async (app: KitApp) => (await app.query('{ id }')).body.data;

/** One POST on a connection of the agent. */
function send(
  url: string,
  agent: Agent,
  query: string,
): Promise<{ status: number | undefined; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const options = { agent, method: 'POST', headers: { 'content-type': 'application/json' } };
    const request = httpRequest(`${url}/graphql`, options, (response) => {
      response.resume();
      response.once('end', () => resolve({ status: response.statusCode, connection: response.headers.connection }));
    });
    request.once('error', reject);
    request.end(JSON.stringify({ query }));
  });
}

/** What is in flight has time to end. */
const PATIENT = { drainMs: 5000 };

describe('without a generation', () => {
  it('every operation is told to come again, and readiness says no', async () => {
    await using app = startApp(makeSupply(), PATIENT);
    const answer = await app.query('{ id }');
    expect(answer.status).toBe(503);
    expect(answer.body.errors?.[0]?.extensions).toEqual({ code: 'SOURCE_UNAVAILABLE', retryable: true });
    expect(app.readiness()).toMatchObject({ ready: false });
    const { url, admin } = await app.listen();
    const posted = await fetch(`${url}/graphql`, { method: 'POST', body: '{}' });
    const ready = await fetch(`${admin}/health/ready`);
    expect([posted.status, posted.headers.get('retry-after'), ready.status]).toEqual([503, '1', 503]);
  });

  it('the first one that comes is served', async () => {
    const supply = makeSupply();
    await using app = startApp(supply, PATIENT);
    supply.swap(makeSlow('g1'));
    expect(await idOf(app)).toEqual({ id: 'g1' });
    expect(app.readiness()).toMatchObject({
      ready: true,
      generation: 'g1',
      sources: [{ name: 'fixed', state: 'serving' }],
    });
  });
});

describe('a swap', () => {
  it('leaves requests on the generation they began on, and closes that one after the last of them', async () => {
    const [first, second] = [makeSlow('g1'), makeSlow('g2')];
    const supply = makeSupply(first);
    await using app = startApp(supply, PATIENT);
    const slow = app.query('{ slow }');
    await until(() => first.waiting() === 1);
    supply.swap(second);
    expect(await idOf(app)).toEqual({ id: 'g2' });
    expect(first.disposals).toBe(0);
    first.release();
    expect((await slow).body.data).toEqual({ slow: 'g1' });
    await until(() => first.disposals === 1);
    expect(second.disposals).toBe(0);
  });

  it('gives up on requests that outlive drainMs', async () => {
    const first = makeSlow('g1');
    const supply = makeSupply(first);
    await using app = startApp(supply, { drainMs: 40 });
    const slow = app.query('{ slow }');
    await until(() => first.waiting() === 1);
    supply.swap(makeSlow('g2'));
    await until(() => first.disposals === 1);
    first.release();
    expect((await slow).body.data).toEqual({ slow: 'g1' });
  });

  it('loses no request under load', async () => {
    const supply = makeSupply(makeSlow('g0'));
    await using app = startApp(supply, PATIENT);
    const answers = [];
    for (let round = 1; round <= 20; round += 1) {
      for (let each = 0; each < 10; each += 1) answers.push(app.query('{ id }'));
      supply.swap(makeSlow(`g${round}`));
      await nextTurn();
    }
    const all = await Promise.all(answers);
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect(new Set(all.map(({ body }) => JSON.stringify(body))).size).toBeGreaterThan(5);
  });
});

describe('the end', () => {
  it('lets a request in flight end, tells who is connected or connects to leave, and then refuses', async () => {
    const generation = makeSlow('g1');
    await using app = startApp(makeSupply(generation), PATIENT);
    const { url, admin } = await app.listen();
    using agent = Object.assign(new Agent({ keepAlive: true, maxSockets: 2 }), {
      [Symbol.dispose]: () => agent.destroy(),
    });
    await Promise.all([send(url, agent, '{ id }'), send(url, agent, '{ id }')]);
    const slow = send(url, agent, '{ slow }');
    await until(() => generation.waiting() === 1);
    const stopped = app[Symbol.asyncDispose]();
    // On the second kept-alive connection, while the gateway leaves.
    expect(await send(url, agent, '{ id }')).toEqual({ status: 200, connection: 'close' });
    expect((await fetch(`${admin}/health/ready`)).status).toBe(503);
    expect((await fetch(`${admin}/health/live`)).status).toBe(200);
    // Farewell over, the port is closed although a request is still in flight.
    const refused = () =>
      fetch(`${url}/graphql`).then(
        () => false,
        () => true,
      );
    while (!(await refused())) await nextTurn();
    generation.release();
    expect(await slow).toEqual({ status: 200, connection: 'close' });
    await stopped;
    expect(app.lines.at(-1)).toMatchObject({ msg: 'gateway stopped', abandoned: 0 });
    expect((await app.query('{ id }')).body.errors?.[0]?.extensions['code']).toBe('DRAINING');
    await expect(fetch(`${admin}/health/live`)).rejects.toThrow();
  });

  it('cuts off what outlives drainMs, and says so', async () => {
    const generation = makeSlow('g1');
    const app = startApp(makeSupply(generation), { drainMs: 50 });
    const { url } = await app.listen();
    using agent = Object.assign(new Agent(), { [Symbol.dispose]: () => agent.destroy() });
    const slow = send(url, agent, '{ slow }');
    const lost = expect(slow).rejects.toThrow('socket hang up');
    await until(() => generation.waiting() === 1);
    await app[Symbol.asyncDispose]();
    await lost;
    expect(app.lines.at(-1)).toMatchObject({ msg: 'gateway stopped', abandoned: 1, level: 'warn' });
  });

  it('comes once, however often it is asked for', async () => {
    const app = startApp(makeSupply(makeSlow('g1')), PATIENT);
    await app.listen();
    await Promise.all([app[Symbol.asyncDispose](), app[Symbol.asyncDispose]()]);
    expect(app.lines.filter((line) => line['msg'] === 'gateway stopped')).toHaveLength(1);
  });
});
