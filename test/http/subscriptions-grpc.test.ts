/** A gRPC server stream as a subscription and as a list, from the .proto to the client and back. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import type { Supply } from '../../gateway/registry/supply.ts';
import { openSupply } from '../../gateway/registry/supply.ts';
import type { KitApp } from '../kit/app.ts';
import { readSettings, startApp } from '../kit/app.ts';
import { readEvents, readMultipart } from '../kit/parts.ts';
import { endpointVariable, writeProject } from '../kit/project.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';
import { until } from '../kit/until.ts';

const proto = `syntax = "proto3";
package meter.v1;
service Meter {
  rpc Watch(WatchRequest) returns (stream Reading);
  rpc ListReadings(WatchRequest) returns (stream Reading);
}
message WatchRequest { string name = 1; }
message Reading { string name = 1; int64 value = 2; optional string note = 3; }
`;
const policy = 'operations:\n  listReadings: { stream: list, kind: query, maxItems: 3 }\n';

type Watching = ServerWritableStream<object, object> & { request: { name: string } };

const watching: Watching[] = [];
const close: (() => Promise<void>)[] = [];
let app: KitApp;
let url = '';

/** A server whose streams are written by the test. */
async function startMeter(): Promise<string> {
  const root = protobuf.parse(proto).root.resolveAll();
  const [request, reading] = [root.lookupType('meter.v1.WatchRequest'), root.lookupType('meter.v1.Reading')];
  const server = new Server();
  const watch = (call: Watching): void => {
    watching.push(call);
    call.once('cancelled', () => {
      const at = watching.indexOf(call);
      if (at >= 0) watching.splice(at, 1);
    });
  };
  const definition = (name: string) => ({
    path: `/meter.v1.Meter/${name}`,
    requestStream: false as const,
    responseStream: true as const,
    requestSerialize: (value: object) => Buffer.from(request.encode(value).finish()),
    requestDeserialize: (bytes: Buffer) => request.toObject(request.decode(bytes), { defaults: true }),
    responseSerialize: (value: object) => Buffer.from(reading.encode(reading.fromObject(value)).finish()),
    responseDeserialize: (bytes: Buffer) => reading.decode(bytes),
  });
  server.addService(
    { Watch: definition('Watch'), ListReadings: definition('ListReadings') },
    { Watch: watch as never, ListReadings: watch as never },
  );
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, free: number): void => (error ? reject(error) : resolve(free));
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), bound);
  });
  close.push(async () => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

beforeAll(async () => {
  const world = await mkdtemp(join(tmpdir(), 'tributary-meter-'));
  close.push(() => rm(world, { recursive: true }));
  await mkdir(join(world, 'meter'));
  await writeFile(join(world, 'meter', 'meter.proto'), proto);
  await writeFile(join(world, 'meter', 'policy.yaml'), policy);
  const project = await writeProject(world);
  close.push(() => rm(project.dir, { recursive: true }));
  const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() });
  const env = { [endpointVariable('meter')]: await startMeter() };
  const config = readSettings({});
  const supply: Supply = await openSupply({ dir: project.dir, env, config, events, now: Date.now, watch: false });
  close.push(() => supply[Symbol.asyncDispose]());
  expect(supply.faults()).toEqual([]);
  app = startApp(supply);
  close.push(() => app[Symbol.asyncDispose]());
  url = `${(await app.listen()).url}/graphql`;
}, 180_000);

afterAll(async () => {
  for (const each of close.reverse()) await each();
});

async function ask(query: string, accept: string) {
  const controller = new AbortController();
  const headers = { 'content-type': 'application/json', accept };
  const init = { method: 'POST', headers, body: JSON.stringify({ query }), signal: controller.signal };
  const response = fetch(url, init);
  return { response, controller };
}

const WATCH = 'subscription { watch: meterWatch(input: { name: "m" }) { name value note } }';

it('is a subscription over server-sent events that ends when the upstream ends', async () => {
  const { response } = await ask(WATCH, 'text/event-stream');
  await until(() => watching.length === 1);
  const [call] = watching.splice(0);
  expect(call?.request.name).toBe('m');
  const parts = readEvents(await response);
  call?.write({ name: 'm', value: '9007199254740993' });
  expect(await parts.take(1)).toEqual([{ data: { watch: { name: 'm', value: '9007199254740993', note: null } } }]);
  call?.end();
  expect(await parts.rest()).toEqual([]);
});

it('is cancelled upstream when the client leaves, over either transport', async () => {
  const sse = await ask(WATCH, 'text/event-stream');
  await until(() => watching.length === 1);
  const client = await connect(url);
  client.send(subscribeMessage('1', WATCH), subscribeMessage('2', WATCH));
  await until(() => watching.length === 3);
  client.send({ id: '1', type: 'complete' });
  await until(() => watching.length === 2);
  client.socket.terminate();
  await until(() => watching.length === 1);
  sse.controller.abort();
  await sse.response.then((response) => response.text()).catch(() => undefined);
  await until(() => watching.length === 0);
});

it('ends in a coded event when the upstream fails', async () => {
  const { response } = await ask(WATCH, 'text/event-stream');
  await until(() => watching.length === 1);
  const [call] = watching.splice(0);
  const parts = readEvents(await response);
  call?.write({ name: 'm', value: 1 });
  await parts.take(1);
  call?.emit('error', { code: status.UNAVAILABLE, details: 'host db-7 is down' });
  const rest = await parts.rest();
  expect(rest).toMatchObject([{ errors: [{ extensions: { source: 'meter', retryable: true } }] }]);
  expect(JSON.stringify(rest)).not.toContain('db-7');
});

it('is a list where policy says so: whole, item by item with @stream, and never longer than maxItems', async () => {
  const query = (directive: string) => `{ listReadings(input: { name: "m" }) ${directive} { value } }`;
  const whole = app.query(query(''));
  await until(() => watching.length === 1);
  const [first] = watching.splice(0);
  first?.write({ value: 1 });
  first?.write({ value: 2 });
  first?.end();
  expect((await whole).body).toEqual({ data: { listReadings: [{ value: '1' }, { value: '2' }] } });

  const { response } = await ask(query('@stream'), 'multipart/mixed');
  await until(() => watching.length === 1);
  const [second] = watching.splice(0);
  const parts = readMultipart(await response);
  expect(await parts.take(1)).toEqual([{ data: { listReadings: [] }, hasNext: true }]);
  second?.write({ value: 1 });
  expect(await parts.take(1)).toMatchObject([{ incremental: [{ items: [{ value: '1' }] }] }]);
  second?.end();
  expect(await parts.rest()).toEqual([{ hasNext: false }]);

  const long = app.query(query(''));
  await until(() => watching.length === 1);
  for (let value = 0; value < 5; value += 1) watching[0]?.write({ value });
  expect((await long).body.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_BAD_PAYLOAD', source: 'meter' } }]);
  await until(() => watching.length === 0);
});
