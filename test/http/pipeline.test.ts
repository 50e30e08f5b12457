/** The order of the stages as it is observed on a request, whatever the list says. */
import { expect, it } from 'vitest';
import type { Principal } from '../../gateway/context.ts';
import { setUp } from './pipeline-kit.ts';

const request = (query = 'query Q { a }') =>
  new Request('http://gateway.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });

it('passes the stages in the order of the list, each hook once', async () => {
  const { seen, instance } = setUp();
  const response = await instance.fetch(request());
  expect(await response.json()).toEqual({ data: { a: 'anonymous' } });
  expect(seen).toEqual([
    // When the instance is made.
    'incremental.onSchemaChange',
    'http.onRequest',
    'respond.onRequest',
    'http.onRequestParse',
    'identify.onRequestParse',
    'http.onParams',
    'validate.onParams',
    'validate.onParse',
    'incremental.onValidate',
    'validate.onValidate',
    'authorize.onValidate',
    'execute.onExecute',
    'share.onExecute',
    'explain.onExecute',
    'http.onExecute',
    'validate.onExecute',
    'authorize.onExecute',
    'limit.onExecute',
    'record.onExecute',
    'execute',
    'cache.onResultProcess',
    'limit.onResultProcess',
    'respond.onResultProcess',
    'cache.onResponse',
    'http.onResponse',
    'validate.onResponse',
    'limit.onResponse',
    'respond.onResponse',
  ]);
});

it('looks for a kept answer when all that comes before an execution has come, and then needs none', async () => {
  const { seen, instance } = setUp('@cacheControl(maxAge: 10)');
  const first = await instance.fetch(request());
  const isBefore = (step: string): boolean => step.includes('.onExecute') || step === 'validate.onParse';
  const wanted = [
    ...[
      'validate.onParse',
      'execute.onExecute',
      'share.onExecute',
      'cache.onExecute',
      'explain.onExecute',
      'http.onExecute',
    ],
    ...['validate.onExecute', 'authorize.onExecute', 'limit.onExecute', 'record.onExecute'],
  ];
  const steps = (): string[] => seen.splice(0).filter((step) => !step.includes('.') || isBefore(step));
  expect(steps()).toEqual([...wanted, 'looks up', 'execute', 'keeps']);
  const second = await instance.fetch(request());
  expect(steps()).toEqual([...wanted, 'looks up']);
  expect([first, second].map(({ headers }) => headers.get('x-cache'))).toEqual(['MISS; not kept', 'HIT; kept']);
  expect(await second.json()).toEqual({ data: { a: 'anonymous' } });
});

it('passes the same stages with a subscription, whose events are executions of their own', async () => {
  const { seen, instance } = setUp();
  const response = await instance.fetch(request('subscription { b }'));
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect((await response.text()).match(/"b":\d/g)).toEqual(['"b":1', '"b":2']);
  expect(seen.slice(seen.indexOf('validate.onParse'))).toEqual([
    'validate.onParse',
    'incremental.onValidate',
    'validate.onValidate',
    'authorize.onValidate',
    'execute.onSubscribe',
    'explain.onSubscribe',
    'http.onSubscribe',
    'validate.onSubscribe',
    'authorize.onSubscribe',
    'limit.onSubscribe',
    'record.onSubscribe',
    'cache.onResultProcess',
    'limit.onResultProcess',
    'respond.onResultProcess',
    'cache.onResponse',
    'http.onResponse',
    'validate.onResponse',
    'limit.onResponse',
    'respond.onResponse',
    'event 1 undefined',
    'event 2 undefined',
  ]);
});

it('passes the stages of an operation in the same order over WebSocket', async () => {
  const { seen, operate } = setUp();
  const principal: Principal = { kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] };
  const connection = { id: 'c', headers: new Map(), peer: { address: '' }, path: '/graphql', principal, operations: 0 };
  for (const query of ['query Q { a }', 'subscription { b }']) {
    const operation = await operate(connection, { query });
    if ('refused' in operation) throw new Error(JSON.stringify(operation.refused));
    const answers = [];
    for await (const answer of operation.answer) answers.push(answer);
    expect(answers).toEqual(
      query.startsWith('q') ? [{ data: { a: 'anonymous' } }] : [{ data: { b: 1 } }, { data: { b: 2 } }],
    );
  }
  expect(seen.slice(1)).toEqual([
    ...[
      'validate.onParse',
      'incremental.onValidate',
      'validate.onValidate',
      'authorize.onValidate',
      'execute.onExecute',
      'share.onExecute',
      'explain.onExecute',
      'http.onExecute',
      'validate.onExecute',
      'authorize.onExecute',
      'limit.onExecute',
      'record.onExecute',
      'execute',
    ],
    ...[
      'validate.onParse',
      'incremental.onValidate',
      'validate.onValidate',
      'authorize.onValidate',
      'execute.onSubscribe',
      'explain.onSubscribe',
      'http.onSubscribe',
      'validate.onSubscribe',
      'authorize.onSubscribe',
      'limit.onSubscribe',
      'record.onSubscribe',
      'event 1 undefined',
      'event 2 undefined',
    ],
  ]);
});

it('has every slot written before the stage that reads it', async () => {
  const { slots, instance } = setUp();
  await instance.fetch(request());
  expect(slots['identify.onRequestParse']).toEqual(
    expect.arrayContaining(['requestId', 'deadline', 'signal', 'headers', 'startedAt', 'peer', 'calls']),
  );
  expect(slots['identify.onRequestParse']).not.toContain('principal');
  expect(slots['validate.onParse']).toContain('principal');
  expect(slots['validate.onParse']).not.toContain('operation');
  expect(slots['execute']).toContain('operation');
});

it('knows the name of every stage once', () => {
  const { names } = setUp();
  expect(names).toEqual([
    'execute',
    'share',
    'incremental',
    'cache',
    'explain',
    'http',
    'identify',
    'validate',
    'authorize',
    'limit',
    'record',
    'respond',
  ]);
});
