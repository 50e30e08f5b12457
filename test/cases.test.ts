/** Every file of test/cases is a promise; this runs them all through the real build, real upstreams and the app. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, GraphqlError } from './kit/app.ts';
import type { Case } from './kit/case.ts';
import { caseSchema, readCase } from './kit/case.ts';
import type { Exchange } from './kit/exchange.ts';
import { startKit } from './kit/index.ts';
import type { Overrides } from './kit/project.ts';
import { prepareProject, removeProjects } from './kit/project.ts';
import { asJson, sendRaw } from './kit/raw.ts';
import { queryOverSocket } from './kit/socket.ts';

const folder = join(import.meta.dirname, 'cases');
/** `CASES=join` runs, and builds for, those whose file names hold the word. */
const only = process.env['CASES'] ?? '';
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && name.includes(only));
const cases = files.map((file) => ({ file, ...readCase(join(folder, file)) }));

const worldOf = ({ world }: Case) => join(folder, 'worlds', world);

function overridesOf({ policies = {}, joins = {} }: Case): Overrides {
  const names = [...new Set([...Object.keys(policies), ...Object.keys(joins)])];
  return Object.fromEntries(
    names.map((name) => [
      name,
      { ...(policies[name] && { policy: policies[name] }), ...(joins[name] && { joins: joins[name] }) },
    ]),
  );
}

function exchangesOf({ upstream }: Case): Record<string, Exchange[]> {
  const bySource: Record<string, Exchange[]> = {};
  for (const { source, ...exchange } of upstream) {
    bySource[source] ??= [];
    bySource[source].push(exchange);
  }
  return bySource;
}

/** Errors in the order of their paths, with only what a case can say of them. */
function listErrors(errors: readonly GraphqlError[] | undefined, expected: Case['expect']['errors']): unknown[] {
  const shown = (errors ?? []).map(({ message, path, extensions }) => {
    const { code, source, retryable: _, ...rest } = extensions;
    return { code, path, source, message, extensions: rest };
  });
  const sorted = shown.sort((a, b) => key(a.path).localeCompare(key(b.path)));
  const wanted = [...(expected ?? [])].sort((a, b) => key(a.path).localeCompare(key(b.path)));
  // What a case leaves out it does not promise: message and extensions only.
  return sorted.map((error, index) => {
    const { message, extensions, ...must } = error;
    const promised = wanted[index];
    return JSON.parse(
      JSON.stringify({ ...must, ...(promised?.message && { message }), ...(promised?.extensions && { extensions }) }),
    );
  });
}

/** A body without what tells of times: those of two answers are never alike. */
const withoutTimes = ({ errors, data }: Answer['body']) => ({
  data,
  errors: errors?.map(({ extensions: { retryAfterMs, ...extensions }, ...error }) => ({
    ...error,
    extensions: { ...extensions, retryAfterMs: typeof retryAfterMs },
  })),
});

/** Headers without what tells of the transport. */
function shownHeaders(headers: Readonly<Record<string, unknown>>): unknown {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(lower.filter(([name]) => name !== 'content-length'));
}

const key = (path: readonly (string | number)[] | undefined) => (path ?? []).join('.');

beforeAll(async () => {
  // Two at a time: every build is a worker that loads much.
  const queue = [...cases];
  const build = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await prepareProject(worldOf(next), overridesOf(next), next.sources).catch(() => undefined);
    }
  };
  await Promise.all([build(), build()]);
}, 600_000);

afterAll(() => removeProjects());

describe('cases', () => {
  it('are enough, and each promises something else', () => {
    if (only === '') expect(cases.length).toBeGreaterThanOrEqual(25);
    expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
  });

  const start = (given: Case) =>
    startKit({
      world: worldOf(given),
      only: given.sources,
      overrides: overridesOf(given),
      settings: given.settings,
      exchanges: exchangesOf(given),
    });
  const optionsOf = ({ variables, operationName, headers }: Case['request']) => ({
    ...(variables && { variables }),
    ...(operationName && { operationName }),
    ...(headers && { headers }),
  });
  const wantedErrors = ({ expect: { errors } }: Case) =>
    [...(errors ?? [])].sort((a, b) => key(a.path).localeCompare(key(b.path)));

  // A request id names one request; operations of a connection have ids of their own.
  it.each(cases.filter(({ request }) => request.headers?.['x-request-id'] === undefined))(
    '$file over WebSocket',
    async (given) => {
      await using kit = await start(given);
      const { url } = await kit.app.listen();
      const ask = (request: Case['request']) => queryOverSocket(`${url}/graphql`, request.query, optionsOf(request));
      for (const before of given.before ?? []) await ask(before);
      const callsBefore = kit.calls();
      const body = await ask(given.request);
      const { data, errors, extensions, calls } = given.expect;
      expect({ upstream: kit.faults(), data: body.data, errors: listErrors(body.errors, errors) }).toEqual({
        upstream: [],
        data,
        errors: wantedErrors(given),
      });
      expect(kit.calls() - callsBefore).toBe(calls);
      if (extensions) expect(body.extensions).toMatchObject(extensions);
    },
    120_000,
  );

  it.each(cases)(
    '$file: $title',
    async (given) => {
      await using kit = await start(given);
      for (const before of given.before ?? []) await kit.app.query(before.query, optionsOf(before));
      const callsBefore = kit.calls();
      const answer: Answer = await kit.app.query(given.request.query, optionsOf(given.request));
      const { status, data, errors, calls } = given.expect;
      const wanted = wantedErrors(given);
      expect({
        upstream: kit.faults(),
        status: answer.status,
        data: answer.body.data,
        errors: listErrors(answer.body.errors, errors),
      }).toEqual({ upstream: [], status, data, errors: wanted });
      expect({ told: answer.headers.get('x-tributary-calls'), made: kit.calls() - callsBefore }).toEqual({
        told: String(calls),
        made: calls,
      });
      if (given.expect.extensions) expect(answer.body.extensions).toMatchObject(given.expect.extensions);
      for (const [name, value] of Object.entries(given.expect.headers ?? {}))
        expect(answer.headers.get(name)).toBe(value);

      // By the short way in it is answered alike, and asks for the same.
      await using other = await start(given);
      const { url } = await other.app.listen();
      const send = ({ query, headers: own, ...more }: Case['request']) =>
        sendRaw(url, asJson({ query, ...more }, { accept: 'application/graphql-response+json', ...own }));
      for (const before of given.before ?? []) await send(before);
      const raw = await send(given.request);
      const body = JSON.parse(raw.body) as Answer['body'];
      expect({ status: raw.status, upstream: other.faults(), headers: shownHeaders(raw.headers) }).toEqual({
        status: answer.status,
        upstream: [],
        headers: shownHeaders(Object.fromEntries(answer.headers)),
      });
      expect(withoutTimes(body)).toEqual(withoutTimes(answer.body));
      if (given.expect.extensions) expect(body.extensions).toMatchObject(given.expect.extensions);
    },
    120_000,
  );
});

describe('a case file', () => {
  const valid = {
    title: 'A promise that is long enough',
    world: 'library',
    upstream: [],
    request: { query: '{ a }' },
    expect: { data: {}, calls: 0 },
  };

  it.each([
    ['an unknown key', { ...valid, more: 1 }],
    ['an unknown key inside', { ...valid, expect: { ...valid.expect, date: {} } }],
    ['no expectation', { ...valid, expect: { calls: 0 } }],
    ['no number of calls', { ...valid, expect: { data: {} } }],
    ['a code that does not exist', { ...valid, expect: { calls: 0, errors: [{ code: 'OOPS' }] } }],
    ['no title', { ...valid, title: '' }],
  ])('is refused with %s', (_, file) => {
    expect(caseSchema.safeParse(valid).success).toBe(true);
    expect(caseSchema.safeParse(file).success).toBe(false);
  });
});
