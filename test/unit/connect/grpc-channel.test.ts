/** The channel to a gRPC source: over several addresses, and to a server that comes back. */
import { expect, it } from 'vitest';
import { channelOptions } from '../../../gateway/connect/grpc/channel-options.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { type GrpcUpstream, startGrpcUpstream } from './grpc-kit.ts';
import { options, PROTO } from './grpc-things.ts';
import { callOf } from './kit.ts';

const start = (name: string): Promise<GrpcUpstream> =>
  startGrpcUpstream(PROTO, 'test.v1.Things', { GetThing: () => ({ thing_id: name }) });

it('calls go round all addresses of one name', async () => {
  await using a = await start('a');
  await using b = await start('b');
  const endpoint = `ipv4:${a.address},${b.address}`;
  await using connector = openConnector('grpc', await options({ endpoints: [endpoint] }));
  const seen = new Map<string, number>();
  const ask = async (): Promise<void> => {
    const { thing_id: name } = (await connector.call(callOf('getThing'))).data as { thing_id: string };
    seen.set(name, (seen.get(name) ?? 0) + 1);
  };
  // Until both are connected the one that is there gets all.
  for (let count = 0; count < 1000 && seen.size < 2; count += 1) await ask();
  seen.clear();
  for (let count = 0; count < 20; count += 1) await ask();
  expect(Object.fromEntries(seen)).toEqual({ a: 10, b: 10 });
});

it('a server that was gone is looked for every second, and nobody else says how calls are spread', () => {
  expect(channelOptions({ maxBodyBytes: 10 })).toMatchObject({
    'grpc.max_receive_message_length': 10,
    'grpc.max_reconnect_backoff_ms': 1000,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_retries': 0,
  });
});
