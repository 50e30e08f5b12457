/** PowerDNS, a name server with a REST API, by the Swagger 2.0 document that it serves itself: the gateway against direct calls. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findFreePorts,
  findProgram,
  openGateway,
  type RegisteredGateway,
  type Software,
  startSoftware,
} from '../kit/software.ts';

const program = findProgram('pdns_server', 'pdns-server and pdns-backend-lmdb');
const key = 'a key that only this test knows';
const zoneName = 'tributary.example.';

describe.skipIf(program === undefined)('PowerDNS', () => {
  let server: Software;
  let gateway: RegisteredGateway;
  let api: string;

  beforeAll(async () => {
    const [dns, http] = await findFreePorts(2);
    server = await startSoftware(
      program ?? '',
      (folder) => [
        ...[
          `--config-dir=${folder}`,
          `--socket-dir=${folder}`,
          '--daemon=no',
          '--guardian=no',
          '--security-poll-suffix=',
        ],
        ...['--launch=lmdb', `--lmdb-filename=${folder}/zones`, '--local-address=127.0.0.1', `--local-port=${dns}`],
        ...['--api=yes', `--api-key=${key}`, '--webserver=yes', '--webserver-address=127.0.0.1'],
        ...[`--webserver-port=${http}`, '--webserver-allow-from=127.0.0.1'],
      ],
      /Done launching threads/,
    );
    api = `http://127.0.0.1:${http}/api/v1`;
    const contracts = await mkdtemp(join(tmpdir(), 'tributary-powerdns-'));
    const contract = join(contracts, 'powerdns.yaml');
    await writeFile(contract, await (await direct('/api/docs')).text());
    const policy = { headers: { set: { 'x-api-key': key } } };
    gateway = await openGateway([{ name: 'dns', kind: 'openapi', contract, endpoint: api, policy }]);
    await rm(contracts, { recursive: true });
  }, 120_000);

  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  function direct(path: string, init: { method?: string; body?: unknown } = {}): Promise<Response> {
    const headers = { 'x-api-key': key, ...(init.body === undefined ? {} : { 'content-type': 'application/json' }) };
    const body = init.body === undefined ? {} : { body: JSON.stringify(init.body) };
    return fetch(new URL(path, api), { method: init.method ?? 'GET', headers, ...body });
  }

  async function zone(): Promise<Record<string, unknown>> {
    return (await (await direct(`/api/v1/servers/localhost/zones/${zoneName}`)).json()) as Record<string, unknown>;
  }

  async function ask(query: string, variables: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const { body } = await gateway.app.query(query, { variables });
    expect(body.errors).toBeUndefined();
    return body.data as Record<string, unknown>;
  }

  const ZONE = '{ id name kind serial rrsets { name type ttl records { content disabled } } }';

  it('says the same of its servers by GraphQL and by HTTP', async () => {
    const { listServers } = await ask('{ listServers { id type daemon_type version url zones_url } }');
    const rows = (await (await direct('/api/v1/servers')).json()) as Record<string, unknown>[];
    expect(listServers).toEqual(
      rows.map(({ id, type, daemon_type, version, url, zones_url }) => ({
        id,
        type,
        daemon_type,
        version,
        url,
        zones_url,
      })),
    );
  });

  it('makes, reads, changes and removes a zone', async () => {
    const made = await ask(
      `mutation ($input: ZoneInput!) { createZone(server_id: "localhost", input: $input) ${ZONE} }`,
      { input: { name: zoneName, kind: 'Native', nameservers: ['ns1.tributary.example.'] } },
    );
    expect(made['createZone']).toEqual(project(await zone()));

    const { listZones } = await ask('{ listZones(server_id: "localhost") { id name kind serial } }');
    expect(listZones).toEqual([expect.objectContaining({ id: zoneName, name: zoneName, kind: 'Native' })]);

    const content = '192.0.2.53';
    const rrsets = [
      { name: `www.${zoneName}`, type: 'A', ttl: 300, changetype: 'REPLACE', records: [{ content, disabled: false }] },
    ];
    await ask(
      `mutation ($input: ZoneInput!) { patchZone(server_id: "localhost", zone_id: "${zoneName}", input: $input) }`,
      { input: { rrsets } },
    );
    const { listZone } = await ask(`{ listZone(server_id: "localhost", zone_id: "${zoneName}") ${ZONE} }`);
    expect(listZone).toEqual(project(await zone()));
    expect(listZone).toMatchObject({
      rrsets: expect.arrayContaining([expect.objectContaining({ name: `www.${zoneName}`, ttl: 300 })]),
    });

    const exported = await direct(`/api/v1/servers/localhost/zones/${zoneName}`, {
      method: 'PUT',
      body: { kind: 'Master' },
    });
    expect(exported.status).toBe(204);
    expect(await ask(`{ listZone(server_id: "localhost", zone_id: "${zoneName}") { kind } }`)).toEqual({
      listZone: { kind: 'Master' },
    });

    await ask(`mutation { deleteZone(server_id: "localhost", zone_id: "${zoneName}") }`);
    expect((await direct(`/api/v1/servers/localhost/zones/${zoneName}`)).status).toBe(404);
  });

  it('gives its refusals as coded errors that do not tell where it lives', async () => {
    const missing = await gateway.app.query('{ listZone(server_id: "localhost", zone_id: "nowhere.example.") { id } }');
    expect(missing.body).toMatchObject({
      data: { listZone: null },
      errors: [{ extensions: { code: 'UPSTREAM_REJECTED' } }],
    });
    const bad = await gateway.app.query(
      'mutation { createZone(server_id: "localhost", input: { name: "no-dot", kind: Native }) { id } }',
    );
    expect(bad.body.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_REJECTED' } }]);
    expect(JSON.stringify([missing.body, bad.body])).not.toMatch(/127\.0\.0\.1|api\/v1|a key/);
  });

  it('gives what its contract describes badly as JSON, whole', async () => {
    // A list of "items" written as a tuple: no type of GraphQL is like that.
    const { getStats } = await ask('{ getStats(server_id: "localhost", statistic: "uptime") }');
    expect(getStats).toEqual([{ name: 'uptime', type: 'StatisticItem', value: expect.stringMatching(/^\d+$/) }]);
  });
});

function project(row: Record<string, unknown>): unknown {
  const { id, name, kind, serial } = row;
  const rrsets = (row['rrsets'] as Record<string, unknown>[]).map(({ name, type, ttl, records }) => ({
    name,
    type,
    ttl,
    records: (records as Record<string, unknown>[]).map(({ content, disabled }) => ({ content, disabled })),
  }));
  return { id, name, kind, serial, rrsets };
}
