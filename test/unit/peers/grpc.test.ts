/** Sizes, metadata and addresses of gRPC sources: what the peers' users ran into, and a case cannot say. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { startGrpc } from '../../kit/grpc-upstream.ts';
import { startKit } from '../../kit/index.ts';
import { removeProjects } from '../../kit/project.ts';
import { peersWorld } from './worlds.ts';

// A build reads contracts in a worker: seconds alone, more where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
afterAll(removeProjects);

const world = peersWorld('grpc');
const GET_GATE = 'depot.v1.Gates/GetGate';

it('mesh#7137 messages above the 4 MiB that clients of gRPC usually take come through, up to the limit there is', async () => {
  const id = 'x'.repeat(6_771_289);
  const exchanges = { depot: [{ request: GET_GATE, answer: { body: { id } } }] };
  const query = '{ getGate(input: {}) { id } }';
  await using kit = await startKit({ world, exchanges });
  const { body } = await kit.app.query(query);
  expect(body.errors).toBeUndefined();
  expect((body.data as { getGate: { id: string } }).getGate.id.length).toBe(id.length);
  await using small = await startKit({
    world,
    exchanges,
    settings: { limits: { upstreamBodyBytes: 1_000_000 } },
  });
  const refused = await small.app.query(query);
  expect(refused.body.data).toEqual({ getGate: null });
  expect(refused.body.errors?.map(({ extensions }) => extensions['code'])).toEqual(['UPSTREAM_BAD_PAYLOAD']);
});

it('mesh#9174 metadata that .meshrc.yaml sets may have hyphens in its names', async () => {
  const metaData = { 'x-request-source': 'gateway', 'x-b-3-id': 'b3' };
  await using kit = await startKit({
    world,
    overrides: { depot: { handler: { metaData } } },
    exchanges: { depot: [{ request: GET_GATE, headers: metaData, answer: { body: { id: 'g' } } }] },
  });
  const { body } = await kit.app.query('{ getGate(input: {}) { id } }');
  expect({ body, faults: kit.faults() }).toEqual({ body: { data: { getGate: { id: 'g' } } }, faults: [] });
});

it('grpc-node#1215 calls that are under way at once are spread over all addresses, not sent to one', async () => {
  const proto = await readFile(join(world, 'depot', 'depot.proto'), 'utf8');
  const exchange = (id: string) => ({ request: GET_GATE, answer: { body: { id } }, times: 20 });
  await using first = await startGrpc('first', proto, [exchange('first')]);
  await using second = await startGrpc('second', proto, [exchange('second')]);
  await using kit = await startKit({
    world,
    overrides: { depot: { policy: { endpoints: { static: [first.endpoint, second.endpoint] } } } },
  });
  const aliases = Array.from({ length: 20 }, (_, index) => `g${index}: getGate(input: { id: "${index}" }) { id }`);
  const { body } = await kit.app.query(`{ ${aliases.join(' ')} }`);
  expect(body.errors).toBeUndefined();
  expect([first.ledger.calls(), second.ledger.calls()]).toEqual([10, 10]);
});
