/** GraphQL over HTTP, by the audits of its reference implementation: MUST, SHOULD and MAY alike. */
import { auditServer, serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KitApp } from '../kit/app.ts';
import { startApp } from '../kit/app.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';

let app: KitApp;
let url = '';
// Whoever asks by GET shows that no page of another site does (`csrf` in gateway.yaml).
const fetchFn: typeof fetch = (input, init) =>
  fetch(input, { ...init, headers: { ...init?.headers, 'x-tributary-csrf': '1' } });

beforeAll(async () => {
  app = startApp(makeSupply(makeGeneration('g1', makeSchema('type Query { hello(name: String): String }'))));
  url = `${(await app.listen()).url}/graphql`;
});

afterAll(() => app[Symbol.asyncDispose]());

it.each(serverAudits({ url: '' }).map(({ id, name }) => [id, name]))('%s %s', async (id) => {
  const audit = serverAudits({ url, fetchFn }).find((each) => each.id === id);
  const result = await audit?.fn();
  expect(result).toMatchObject({ status: 'ok' });
});

it('is audited as a whole', async () => {
  const results = await auditServer({ url, fetchFn });
  expect(results.length).toBeGreaterThan(55);
  expect(results.filter(({ status }) => status !== 'ok')).toEqual([]);
});
