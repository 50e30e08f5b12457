/** etcd by both of its doors at once, its gRPC contract and the Swagger 2.0 document of its REST gateway: they have to agree. */
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
import { root } from '../repository.ts';

const program = findProgram('etcd', 'etcd-server');
const contracts = join(root, 'test/contracts/etcd');
/** Beyond what a double holds: 2^53 + 1 is the first integer that is lost. */
const LEASE = '9007199254740993';
const FAR_REVISION = '9223372036854775807';

const grpcPolicy = {
  names: {
    operations: {
      'etcdserverpb.KV/Range': 'grpcRange',
      'etcdserverpb.KV/Put': 'grpcPut',
      'etcdserverpb.KV/DeleteRange': 'grpcDelete',
      'etcdserverpb.KV/Txn': 'grpcTxn',
      'etcdserverpb.Lease/LeaseGrant': 'grpcGrant',
      'etcdserverpb.Lease/LeaseTimeToLive': 'grpcTimeToLive',
      'etcdserverpb.Watch/Watch': 'grpcWatch',
    },
  },
  // Its HTTP rule is a POST, from which it is taken for a mutation.
  operations: { grpcTimeToLive: { kind: 'query' } },
};
const restPolicy = {
  names: {
    operations: {
      'POST /v3/kv/range': 'restRange',
      'POST /v3/kv/put': 'restPut',
      'POST /v3/lease/grant': 'restGrant',
      'POST /v3/lease/timetolive': 'restTimeToLive',
    },
  },
  // What reads is a POST there all the same.
  operations: { restRange: { kind: 'query' }, restTimeToLive: { kind: 'query' } },
};

const GRPC_ROWS =
  '{ header { clusterId memberId revision raftTerm } count kvs { key value createRevision modRevision version lease } }';
const REST_ROWS =
  '{ header { clusterId: cluster_id memberId: member_id revision raftTerm: raft_term } count kvs { key value createRevision: create_revision modRevision: mod_revision version lease } }';

type Row = { key: string; value: string; createRevision: string; modRevision: string; version: string; lease: string };
type Rows = { header: Record<string, string>; count: string; kvs: Row[] };

describe.skipIf(program === undefined)('etcd', () => {
  let server: Software;
  let gateway: RegisteredGateway;

  beforeAll(async () => {
    const [client, peer] = (await findFreePorts(2)).map((port) => `127.0.0.1:${port}`);
    server = await startSoftware(
      program ?? '',
      (folder) => [
        ...['--name=one', `--data-dir=${join(folder, 'data')}`, '--log-outputs=stderr'],
        ...[`--listen-client-urls=http://${client}`, `--advertise-client-urls=http://${client}`],
        ...[`--listen-peer-urls=http://${peer}`, `--initial-advertise-peer-urls=http://${peer}`],
        `--initial-cluster=one=http://${peer}`,
      ],
      /ready to serve client requests|serving (insecure )?client requests/,
    );
    const rest = { contract: join(contracts, 'rpc.swagger.json'), endpoint: `http://${client}` };
    const grpc = { contract: join(contracts, 'etcd/api/etcdserverpb/rpc.proto'), endpoint: client ?? '' };
    gateway = await openGateway([
      { name: 'etcd-rest', kind: 'openapi', ...rest, policy: restPolicy },
      { name: 'etcd-grpc', kind: 'grpc', ...grpc, includeDirs: [contracts], policy: grpcPolicy },
    ]);
  }, 120_000);

  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  async function ask(query: string, variables: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const { body } = await gateway.app.query(query, { variables });
    expect(body.errors).toBeUndefined();
    return body.data as Record<string, unknown>;
  }

  async function readBoth(key: Buffer): Promise<{ grpc: Rows; rest: Rows }> {
    const both = await ask(
      `query ($grpc: Bytes!, $rest: Bytes!) { grpc: grpcRange(input: { key: $grpc }) ${GRPC_ROWS} rest: restRange(input: { key: $rest }) ${REST_ROWS} }`,
      { grpc: key.toString('base64'), rest: key.toString('base64') },
    );
    const { grpc, rest } = both as { grpc: Rows; rest: Rows };
    return { grpc, rest: withDefaults(rest) };
  }

  it('says the same by both doors of what was written by either, bytes that are no text included', async () => {
    const key = Buffer.from([0, 255, 254, 10, 13, 128]);
    const value = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await ask(
      'mutation ($key: Bytes!, $value: Bytes!) { grpcPut(input: { key: $key, value: $value }) { header { revision } } }',
      {
        key: key.toString('base64'),
        value: value.toString('base64'),
      },
    );
    const first = await readBoth(key);
    expect(first.grpc).toEqual(first.rest);
    expect(first.grpc).toMatchObject({
      count: '1',
      kvs: [{ value: value.toString('base64'), version: '1', lease: '0' }],
    });

    await ask(
      'mutation ($key: Bytes!, $value: Bytes!) { restPut(input: { key: $key, value: $value }) { header { revision } } }',
      {
        key: key.toString('base64'),
        value: Buffer.from('again').toString('base64'),
      },
    );
    const second = await readBoth(key);
    expect(second.grpc).toEqual(second.rest);
    expect(second.grpc.kvs[0]).toMatchObject({ value: Buffer.from('again').toString('base64'), version: '2' });
    expect(BigInt(second.grpc.kvs[0]?.modRevision ?? 0)).toBe(BigInt(first.grpc.kvs[0]?.modRevision ?? 0) + 1n);
  });

  it('keeps every digit of 64-bit integers on the way in and out', async () => {
    await ask(`mutation { grpcGrant(input: { id: "${LEASE}", ttl: 600 }) { id ttl } }`);
    const key = Buffer.from('leased').toString('base64');
    await ask(`mutation { restPut(input: { key: "${key}", value: "", lease: "${LEASE}" }) { header { revision } } }`);
    const { grpc, rest } = await readBoth(Buffer.from('leased'));
    expect(grpc).toEqual(rest);
    expect(grpc.kvs[0]?.lease).toBe(LEASE);
    expect(Number.isSafeInteger(Number(grpc.header['clusterId']))).toBe(false);
    const lease = await ask(
      `{ grpc: grpcTimeToLive(input: { id: "${LEASE}", keys: true }) { id grantedTtl keys } rest: restTimeToLive(input: { ID: "${LEASE}", keys: true }) { id: ID grantedTtl: grantedTTL keys } }`,
    );
    expect(lease['grpc']).toEqual({ id: LEASE, grantedTtl: '600', keys: [key] });
    expect(lease['rest']).toEqual(lease['grpc']);
  });

  it('refuses a revision that is far ahead by both doors, which shows that it arrived whole', async () => {
    for (const field of ['grpcRange', 'restRange']) {
      const { body } = await gateway.app.query(
        `{ ${field}(input: { key: "AA==", revision: "${FAR_REVISION}" }) { count } }`,
      );
      expect(body.errors, field).toMatchObject([{ extensions: { code: 'UPSTREAM_REJECTED' } }]);
    }
  });

  it('takes a choice of requests in a transaction, and says which answer it was', async () => {
    const key = Buffer.from('chosen').toString('base64');
    const { grpcTxn } = await ask(
      `mutation { grpcTxn(input: { success: [{ request: { requestPut: { key: "${key}", value: "AQ==" } } }, { request: { requestRange: { key: "${key}" } } }] }) {
        succeeded
        responses { response { __typename ... on ResponseOpResponseResponseRange { responseRange { kvs { key value } } } } }
      } }`,
    );
    expect(grpcTxn).toEqual({
      succeeded: true,
      responses: [
        { response: { __typename: 'ResponseOpResponseResponsePut' } },
        {
          response: { __typename: 'ResponseOpResponseResponseRange', responseRange: { kvs: [{ key, value: 'AQ==' }] } },
        },
      ],
    });
  });

  it('tells a subscriber of what is written, until the subscriber leaves', async () => {
    const key = Buffer.from('watched').toString('base64');
    const abort = new AbortController();
    const response = await gateway.app.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        signal: abort.signal,
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({
          query: `subscription { grpcWatch(input: [{ requestUnion: { createRequest: { key: "${key}" } } }]) { created events { type kv { key value modRevision } } } }`,
        }),
      }),
    );
    const watched = eventsOf(response);
    expect((await watched.next()).value).toMatchObject({ data: { grpcWatch: { created: true, events: [] } } });
    for (const value of ['AQ==', 'Ag==']) {
      await ask(`mutation { restPut(input: { key: "${key}", value: "${value}" }) { header { revision } } }`);
      const { rest } = await readBoth(Buffer.from('watched'));
      const { modRevision } = rest.kvs[0] ?? {};
      expect((await watched.next()).value).toMatchObject({
        data: { grpcWatch: { created: false, events: [{ type: 'PUT', kv: { key, value, modRevision } }] } },
      });
    }
    await ask(`mutation { grpcDelete(input: { key: "${key}" }) { deleted } }`);
    expect((await watched.next()).value).toMatchObject({
      data: { grpcWatch: { events: [{ type: 'DELETE', kv: { key } }] } },
    });
    await watched.return(undefined);
    abort.abort();
  });
});

/** JSON leaves out what has its default (ProtoJSON), and the Swagger document does not say so: absent there is zero or empty. */
function withDefaults(rows: Rows): Rows {
  const kvs = (rows.kvs ?? []).map((row) => ({ ...row, value: row.value ?? '', lease: row.lease ?? '0' }));
  return { ...rows, count: rows.count ?? '0', kvs };
}

/** Results of an event stream (`event: next`, `data: …`), one after the other. */
async function* eventsOf(response: Response): AsyncGenerator<unknown, void, undefined> {
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const decoder = new TextDecoder();
  let text = '';
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
    text += decoder.decode(read.value, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: ?(\{.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}
