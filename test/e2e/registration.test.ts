/**
 * The whole life of a source, at two gateways that share one registry in Redis: by the command line and by the API, while requests go on.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type GatewayProcess, startGatewayProcess } from '../kit/gateway-process.ts';
import { findRedis } from '../kit/redis.ts';
import {
  type Answer,
  api,
  ask,
  cli,
  eventually,
  loyalty,
  OTHER_TOKEN,
  readContract,
  startLoad,
  startUpstream,
  TEAM_TOKEN,
  TOKEN,
  type Upstream,
  writeFiles,
} from './registration-kit.ts';

const redisUrl = await findRedis();

let upstream: Upstream;
let dir: string;
let one: GatewayProcess;
let two: GatewayProcess;
let endpoint: string;

describe.skipIf(redisUrl === undefined)('two gateways with one registry', () => {
  beforeAll(async () => {
    upstream = await startUpstream();
    endpoint = upstream.endpoint;
    dir = await mkdtemp(join(tmpdir(), 'tributary-registration-'));
    await writeFiles(dir, redisUrl ?? '');
    expect(await local('source', 'add', './customers.yaml', '--endpoint', endpoint)).toMatchObject({ code: 0 });
    const env = { TRIBUTARY_TOKEN: TOKEN };
    [one, two] = await Promise.all([
      startGatewayProcess(['--dir', dir], env),
      startGatewayProcess(['--dir', dir], env),
    ]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([one?.stop(), two?.stop()]);
    upstream?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('take a source from a team, join it, change it, go back, and give it up, each within two seconds of the other', {
    timeout: 480_000,
  }, async () => {
    const load = startLoad([one, two], '{ customers(ids: ["c1"]) { name } }');
    const policy = stringify({ owner: 'team-loyalty' });
    await writeFile(join(dir, 'policy.yaml'), policy);
    const add = [
      'source',
      'add',
      './points.yaml',
      '--name',
      'loyalty',
      '--endpoint',
      endpoint,
      '--policy',
      './policy.yaml',
    ];

    // Only tells, then does it.
    const dry = await remote(one, TEAM_TOKEN, ...add, '--dry-run');
    expect(dry).toMatchObject({
      code: 0,
      out: expect.stringContaining('Customer.accounts: [Account!] by loyalty.listAccounts'),
    });
    expect(dry.out).toContain('Nothing was changed');
    expect(await remote(one, OTHER_TOKEN, ...add)).toMatchObject({
      code: 1,
      err: expect.stringContaining('belongs to team-loyalty'),
    });
    expect(await remote(one, 'nobody-nobody-nobody', ...add)).toMatchObject({
      code: 1,
      err: expect.stringContaining('not known here'),
    });
    expect(await remote(one, TEAM_TOKEN, ...add, '--accept-joins')).toMatchObject({
      code: 0,
      out: expect.stringContaining('loyalty version 1 is served (revision 1'),
    });
    await follows(1);
    const joined = '{ customers(ids: ["c1", "c2"]) { name accounts { points } } }';
    for (const gateway of [one, two]) {
      expect(await ask(gateway, joined)).toEqual({
        data: {
          customers: [
            { name: 'name of c1', accounts: [{ points: 7 }] },
            { name: 'name of c2', accounts: [{ points: 7 }] },
          ],
        },
      });
    }

    // A breaking change in use is refused, with who uses what; forced with a reason it is made.
    const stars = await readContract('stars.yaml');
    const used = await eventually(async () => {
      const refused = await api(two, TEAM_TOKEN, 'PUT', '/sources/loyalty', { contract: stars });
      return refused.status === 409 ? refused : undefined;
    });
    expect(used.body).toMatchObject({ code: 'breaking', impact: { counts: { breaking: 1 } } });
    const forced = await api(
      two,
      TEAM_TOKEN,
      'PUT',
      '/sources/loyalty',
      { contract: stars, force: true, reason: 'points are gone' },
      { 'if-match': '"1"' },
    );
    expect(forced).toMatchObject({ status: 200, body: { applied: true, version: 2, revision: 2 } });
    await follows(2);
    expect(await ask(one, '{ listAccounts(customerIds: ["c1"]) { stars } }')).toEqual({
      data: { listAccounts: [{ stars: 3 }] },
    });

    // Who did not know of it is told what it was.
    const late = await api(
      one,
      TEAM_TOKEN,
      'PUT',
      '/sources/loyalty',
      { endpoint: 'http://127.0.0.1:1' },
      { 'if-match': '"1"' },
    );
    expect(late).toMatchObject({
      status: 409,
      body: { code: 'conflict', version: 2, changes: { counts: { breaking: 1, safe: 1 } } },
    });

    // Back, forth by what is held, states, and out.
    expect(
      await remote(one, TEAM_TOKEN, 'source', 'rollback', 'loyalty', '--force', '--reason', 'points are back'),
    ).toMatchObject({ code: 0, out: expect.stringContaining('version 1 is served (revision 3') });
    await follows(3);
    expect(await remote(one, TEAM_TOKEN, 'source', 'update', 'loyalty', './stars.yaml', '--hold')).toMatchObject({
      code: 0,
      out: expect.stringContaining('version 3 waits: held on request'),
    });
    expect(await remote(two, TEAM_TOKEN, 'source', 'diff', 'loyalty')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/version 1 to version 3\n\n.*1 breaking/),
    });
    expect(await remote(two, TEAM_TOKEN, 'source', 'promote', 'loyalty', '--force', '--reason', 'now')).toMatchObject({
      code: 0,
      out: expect.stringContaining('version 3 is served'),
    });
    expect(
      await remote(one, TEAM_TOKEN, 'source', 'state', 'loyalty', 'quarantined', '--reason', 'it lies'),
    ).toMatchObject({ code: 0 });
    await follows(6);
    expect(await ask(two, '{ listAccounts(customerIds: ["c1"]) { stars } }')).toMatchObject({
      errors: [{ extensions: { code: 'SOURCE_UNAVAILABLE', source: 'loyalty' } }],
    });
    expect(await remote(one, TEAM_TOKEN, 'source', 'state', 'loyalty', 'deprecated')).toMatchObject({ code: 0 });
    await follows(7);
    expect(
      await ask(two, '{ __type(name: "Query") { fields(includeDeprecated: true) { name deprecationReason } } }'),
    ).toMatchObject({
      data: {
        __type: {
          fields: expect.arrayContaining([
            { name: 'listAccounts', deprecationReason: 'The source loyalty is deprecated.' },
          ]),
        },
      },
    });
    expect(await remote(two, TEAM_TOKEN, 'source', 'list')).toMatchObject({
      out: expect.stringMatching(
        /customers +openapi, active, from the project folder\n +loyalty +openapi, deprecated, version 3 from the registry, owner team-loyalty/,
      ),
    });
    expect(
      await remote(one, TEAM_TOKEN, 'source', 'rm', 'loyalty', '--force', '--reason', 'nobody wants it'),
    ).toMatchObject({ code: 0, out: expect.stringContaining('was taken out') });
    await follows(8);
    expect(await ask(two, '{ listAccounts(customerIds: ["c1"]) { stars } }')).toMatchObject({
      errors: [{ extensions: { code: 'VALIDATION_FAILED' } }],
    });
    expect(await ask(two, '{ customers(ids: ["c1"]) { name } }')).toEqual({
      data: { customers: [{ name: 'name of c1' }] },
    });

    const { body } = await api(two, OTHER_TOKEN, 'GET', '/audit?source=loyalty&limit=3');
    expect(body['changes']).toMatchObject([
      { number: 8, by: 'team', what: 'withdraw', reason: 'nobody wants it' },
      { number: 7, by: 'team', what: 'state' },
      { number: 6, by: 'team', what: 'state', reason: 'it lies' },
    ]);

    // A published contract is looked after: what is safe comes by itself, what breaks something waits.
    const watched = stringify({
      owner: 'team-loyalty',
      contract: { url: `${endpoint}/openapi.yaml`, everyMs: 1000, apply: 'safe' },
    });
    const added = await api(one, TOKEN, 'POST', '/sources', {
      name: 'loyalty',
      contract: { url: `${endpoint}/openapi.yaml` },
      endpoint,
      policy: watched,
    });
    expect(added).toMatchObject({ status: 201, body: { version: 4 } });
    upstream.published = upstream.published.replace(
      'points: { type: integer }',
      'points: { type: integer }, level: { type: integer }',
    );
    await eventually(async () => {
      const answer = JSON.stringify(await ask(two, '{ __type(name: "Account") { fields { name } } }'));
      return answer.includes('level') || undefined;
    });
    upstream.published = loyalty('stars');
    await eventually(async () => (await api(two, TOKEN, 'GET', '/sources/loyalty')).body['held'] as object | undefined);
    expect(await ask(one, '{ listAccounts(customerIds: ["c1"]) { points } }')).toEqual({
      data: { listAccounts: [{ points: 7 }] },
    });

    const { answers, faults } = await load.stop();
    expect(faults).toEqual([]);
    expect(answers.size).toBe(1);
    expect(upstream.asked()).toBeGreaterThan(2);
  });

  /** Waits until both serve a revision. */
  async function follows(revision: number): Promise<void> {
    for (const gateway of [one, two]) {
      await eventually(async () => {
        const health = (await (await fetch(`${gateway.admin}/health/ready`)).json()) as { revision: number };
        return health.revision >= revision || undefined;
      });
    }
  }
});

function local(...argv: string[]): Promise<Answer> {
  return cli(dir, argv, {});
}

function remote(gateway: GatewayProcess, token: string, ...argv: string[]): Promise<Answer> {
  return cli(dir, [...argv, '--gateway', gateway.admin], { TRIBUTARY_TOKEN: token });
}
