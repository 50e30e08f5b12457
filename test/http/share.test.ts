/** Equal operations at the same time, over HTTP and real upstreams: what runs once, and what never does. */
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Exchange } from '../kit/exchange.ts';
import { type Kit, startKit } from '../kit/index.ts';
import { removeProjects } from '../kit/project.ts';

afterAll(() => removeProjects());

const QUERY = '{ getPerson(personId: "p1") { full_name } }';
const person: Exchange = { request: 'GET /people/p1', answer: { body: { id: 'p1', 'full-name': 'Ada' } }, times: 8 };

function start(settings: object = {}, policy: object = {}): Promise<Kit> {
  return startKit({
    world: join(import.meta.dirname, '../cases/worlds/library'),
    overrides: { people: { policy: { ...policy, coalesce: false } } },
    settings: { ...settings },
    exchanges: { people: [person] },
  });
}

async function callsOf(kit: Kit, requests: readonly { query?: string; headers?: Record<string, string> }[]) {
  const before = kit.calls();
  const answers = await Promise.all(
    requests.map(({ query = QUERY, headers = {} }) => kit.app.query(query, { headers })),
  );
  expect(answers.map(({ body }) => body)).toEqual(requests.map(() => ({ data: { getPerson: { full_name: 'Ada' } } })));
  const told = answers.map(({ headers }) => Number(headers.get('x-tributary-calls')));
  expect(told.reduce((sum, each) => sum + each, 0)).toBe(kit.calls() - before);
  return kit.calls() - before;
}

describe('equal queries at the same time', () => {
  it('run once, whoever asks and whatever else they send', async () => {
    await using kit = await start();
    const requests = ['a', 'b', 'c'].map((id) => ({ headers: { authorization: `Bearer ${id}`, 'x-request-id': id } }));
    expect(await callsOf(kit, requests)).toBe(1);
    expect((await kit.app.metrics.sharedOperations.get()).values).toMatchObject([{ value: 2 }]);
    // Nothing is kept.
    expect(await callsOf(kit, requests)).toBe(1);
  });

  it('run apart where they differ in what calls send on', async () => {
    await using kit = await start({}, { headers: { forward: ['accept-language'] } });
    const requests = ['de', 'en', 'de'].map((language) => ({ headers: { 'accept-language': language } }));
    expect(await callsOf(kit, requests)).toBe(2);
  });

  it('run apart where sharing is off, or the client is told what its own run did', async () => {
    await using off = await start({ execution: { shareOperations: false } });
    expect(await callsOf(off, [{}, {}])).toBe(2);
    await using kit = await start({ explain: { principals: ['anonymous'] } });
    const analyzed = await Promise.all(
      [1, 2].map(() => kit.app.query(QUERY, { headers: { 'x-tributary-explain': 'analyze' } })),
    );
    expect(analyzed.map(({ headers }) => headers.get('x-tributary-calls'))).toEqual(['1', '1']);
  });
});
