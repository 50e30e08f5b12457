import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { GatewayError } from '../../../gateway/errors.ts';
import { ingest } from '../../../gateway/ingest/index.ts';
import { contentHash } from '../../../gateway/lib/hash.ts';
import { Refusal } from '../../../gateway/registry/refusal.ts';
import { HASHED, open, outcome, TOKEN } from './api-kit.ts';

const contract = { files: { 'openapi.yaml': 'openapi: 3.0.3' }, main: 'openapi.yaml' };

describe('tokens', () => {
  it('let in who has one, as who it is', async () => {
    const { ask, asked } = open();
    await ask('POST', '/sources', { name: 'orders', contract });
    await ask('POST', '/sources', { name: 'orders', contract }, { authorization: `bearer ${HASHED}` });
    expect(asked.map(({ args }) => args[1])).toEqual([
      { name: 'team', owners: ['team-a'] },
      { name: 'root', owners: ['*'] },
    ]);
  });

  it.each([
    '',
    'Bearer',
    'Basic dGVhbTp0ZWFt',
    `Bearer ${TOKEN}x`,
    `Bearer ${contentHash(Buffer.from(HASHED))}`,
    `Bearer ${'x'.repeat(600)}`,
  ])('%j is nobody', async (authorization) => {
    const { ask, asked } = open();
    const { status, headers, body } = await ask('GET', '/sources', undefined, { authorization });
    expect({ status, code: body['code'] }).toEqual({ status: 401, code: 'unauthenticated' });
    expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="tributary"/);
    expect(asked).toEqual([]);
  });

  it('are needed: without any in the configuration nobody is let in', async () => {
    const { ask } = open(outcome, []);
    expect(await ask('GET', '/sources')).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('registration.tokens') },
    });
  });
});

it('files are asked for as who one is, and a refusal says why', async () => {
  const refused = open(new Refusal('forbidden', 'orders belongs to team-b'));
  for (const path of ['/sources/orders', '/sources/orders/export'])
    expect(await refused.ask('GET', path)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  const team = { name: 'team', owners: ['team-a'] };
  expect(refused.asked).toEqual([
    { method: 'show', args: ['orders', team] },
    { method: 'export', args: ['orders', team] },
  ]);
});

describe('changes', () => {
  it('are told in full by JSON', async () => {
    const { ask, asked } = open();
    const body = {
      name: 'orders',
      contract: { files: { 'a.proto': 'syntax', 'b.bin': 'base64:AAEC' }, main: 'a.proto' },
      kind: 'grpc',
      endpoint: 'orders:1',
      policy: 'owner: x',
      joins: '# none',
      metadata: { 'x-a': 'b' },
      files: { 'ca.pem': 'pem' },
      ...{ force: true, reason: 'why', acceptJoins: true, keepRemoved: true, failUnder: 90, hold: true },
    };
    const answer = await ask('POST', '/sources?dryRun=true', body, { 'if-none-match': '*' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('"3"');
    expect(answer.headers.get('location')).toBe('/api/v1/sources/orders');
    const { name, contract: _contract, files: _files, kind, endpoint, policy, joins, metadata, ...manner } = body;
    expect(asked).toEqual([
      {
        method: 'submit',
        args: [
          {
            name,
            what: 'add',
            upload: {
              ...{ kind, endpoint, policy, joins, metadata },
              contract: {
                files: new Map([
                  ['a.proto', Buffer.from('syntax')],
                  ['b.bin', Buffer.from([0, 1, 2])],
                ]),
                main: 'a.proto',
              },
              files: new Map([['ca.pem', Buffer.from('pem')]]),
            },
            ...manner,
            dryRun: true,
            expects: 0,
          },
          { name: 'team', owners: ['team-a'] },
        ],
      },
    ]);
  });

  it('are told by a form as well', async () => {
    const { ask, asked } = open();
    const form = new FormData();
    form.set('name', 'orders');
    form.append('contract', new File(['main'], 'api.yaml'));
    form.append('contract', new File(['part'], 'parts.yaml'));
    form.append('policy', new File(['owner: x'], 'policy.yaml'));
    form.append('files', new File(['pem'], 'ca.pem'));
    for (const [name, value] of [
      ['force', 'true'],
      ['reason', 'why'],
      ['failUnder', '95'],
      ['metadata', '{"x-a":"b"}'],
    ] as const)
      form.set(name, value);
    expect((await ask('POST', '/sources', form)).status).toBe(201);
    expect(asked[0]?.args[0]).toEqual({
      name: 'orders',
      what: 'add',
      upload: {
        contract: {
          files: new Map([
            ['api.yaml', Buffer.from('main')],
            ['parts.yaml', Buffer.from('part')],
          ]),
          main: 'api.yaml',
        },
        policy: 'owner: x',
        files: new Map([['ca.pem', Buffer.from('pem')]]),
        metadata: { 'x-a': 'b' },
      },
      force: true,
      reason: 'why',
      failUnder: 95,
    });
  });

  it.each([
    ['PUT', '/sources/orders', { endpoint: 'http://x' }, 'submit'],
    ['DELETE', '/sources/orders', undefined, 'withdraw'],
    ['POST', '/sources/orders/rollback', { version: 0 }, 'rollback'],
    ['POST', '/sources/orders/promote', {}, 'promote'],
  ])('%s %s is made for the version that If-Match names', async (method, path, body, called) => {
    const { ask, asked } = open();
    expect((await ask(method, path, body, { 'if-match': '"7"' })).status).toBe(200);
    expect(asked[0]?.method).toBe(called);
    expect(JSON.stringify(asked[0]?.args)).toContain('"expects":7');
  });

  it.each([
    ['held', { ...outcome, applied: false, held: 'why' }, 202],
    ['a dry run', { ...outcome, applied: false, dryRun: true }, 200],
    ['unchanged', { ...outcome, applied: false, unchanged: true }, 200],
  ])('%s has a status of its own', async (_title, answer, status) => {
    expect((await open(answer).ask('POST', '/sources', { name: 'orders', contract })).status).toBe(status);
  });

  it.each([
    ['no JSON', '{', {}, 400],
    ['another media type', '{}', { 'content-type': 'text/plain' }, 415],
    ['an unknown key', { name: 'orders', contract, forse: true }, {}, 400],
    ['no contract', { name: 'orders' }, {}, 400],
    ['two ways to a contract', { name: 'orders', contract: { ...contract, url: 'http://x' } }, {}, 400],
    ['a kind there is none of', { name: 'orders', contract, kind: 'soap' }, {}, 400],
    ['a form that is none', 'x', { 'content-type': 'multipart/form-data; boundary=y' }, 400],
    ['more than may come', { name: 'orders', contract: { files: { a: 'x'.repeat(4000) }, main: 'a' } }, {}, 413],
  ])('with %s are refused before anything happens', async (_title, body, headers, status) => {
    const { ask, asked } = open();
    const answer = await ask('POST', '/sources', body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(asked).toEqual([]);
  });

  it.each([
    [new Refusal('invalid', 'm'), 422, 'invalid'],
    [new Refusal('unknown-source', 'm'), 404, 'unknown-source'],
    [new Refusal('exists', 'm'), 409, 'exists'],
    [new Refusal('conflict', 'm', { changes: { counts: {} } }), 409, 'conflict'],
    [new Refusal('breaking', 'm', { impact: {} }), 409, 'breaking'],
    [new Refusal('score', 'm'), 422, 'score'],
    [new Refusal('forbidden', 'm'), 403, 'forbidden'],
    [new Refusal('too-large', 'm'), 413, 'too-large'],
    [new Refusal('unavailable', 'm'), 503, 'unavailable'],
    [new GatewayError('BAD_REQUEST', { message: 'm' }), 422, 'invalid'],
  ])('%s tells why', async (error, status, code) => {
    const { body } = await open(error).ask('POST', '/sources', { name: 'orders', contract });
    expect(body).toMatchObject({ status, code, detail: 'm', ...(error instanceof Refusal ? error.details : {}) });
  });

  it('that fail by a fault of ours tell nothing of it', async () => {
    const { ask, faults } = open(new Error('the secret file is not readable'));
    const { status, body } = await ask('POST', '/sources', { name: 'orders', contract });
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(faults).toHaveLength(1);
  });
});

it('describes itself in a contract that imports whole', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-api-'));
  try {
    const { body } = await open().ask('GET', '/openapi.json', undefined, { authorization: '' });
    await writeFile(join(dir, 'openapi.json'), JSON.stringify(body));
    const handler = { openapi: { source: './openapi.json', endpoint: 'http://127.0.0.1:9' } };
    await writeFile(join(dir, '.meshrc.yaml'), stringify({ sources: [{ name: 'api', handler }] }));
    const result = (await ingest(dir, [{ name: 'api', hash: '0'.repeat(64) }])).get('api');
    if (result === undefined || result instanceof Error) throw result ?? new Error('nothing');
    expect(result.report.operations).toEqual({ total: 12, imported: 12 });
    expect(result.report.leftOut).toEqual([]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
