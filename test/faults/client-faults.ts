/** A client that leaves while its calls are under way: they are cancelled upstream. */
import { request } from 'node:http';
import { until } from '../kit/until.ts';
import { type Fault, type FaultyWorld, grpc, type Outcome, rest } from './fault.ts';

export function clientFaults(): Fault[] {
  return [
    {
      name: 'client gone in the middle, REST and gRPC',
      fields: 'getPerson(personId: "p1") { id } getStock(input: {}) { sku }',
      expected: 'CLIENT_CLOSED',
      calls: [2, 2],
      upstreams: { people: rest(() => undefined), stock: grpc(() => undefined) },
      ask: leave,
    },
  ];
}

/** Goes when both calls have arrived; that they end is for the probe to see. */
async function leave({ app, upstreams }: FaultyWorld): Promise<Outcome> {
  const { url } = await app.listen();
  const query = '{ getPerson(personId: "p1") { id } getStock(input: {}) { sku } sibling: listPosts { title } }';
  const client = request(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  client.on('error', () => undefined);
  client.end(JSON.stringify({ query }));
  await until(() => upstreams.people.open() === 1 && upstreams.stock.open() === 1);
  client.destroy();
  const told = (): boolean => app.lines.some((line) => JSON.stringify(line).includes('CLIENT_CLOSED'));
  await until(told);
  // Nobody is there to be answered: the sibling was asked, which is all that can be seen of it.
  return { seen: 'CLIENT_CLOSED', siblings: upstreams.posts.calls() === 1, complaints: [] };
}
