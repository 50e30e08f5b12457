/** Several servers of Redis that belong together: a Cluster, and a group that a Sentinel watches. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, say, startRedis } from './redis-servers.ts';
import { findFreePorts, startSoftware } from './software.ts';
import { until } from './until.ts';

const SLOTS = 16_384;

export type RedisGroup = AsyncDisposable & {
  readonly servers: readonly RedisServer[];
  /** What a configuration says of it. */
  readonly settings: Readonly<Record<string, unknown>>;
};

/** A Cluster of so many masters, each with its part of the slots; undefined where there is no `redis-server`. */
export async function startMasters(count: number): Promise<RedisGroup | undefined> {
  const buses = await findFreePorts(count);
  const started = await Promise.all(buses.map(startNode));
  const servers = started.flatMap((server) => server ?? []);
  if (servers.length < count) return undefined;
  await orEnd(servers, () => joinMasters(servers, buses));
  const nodes = servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  return { servers, settings: { cluster: { nodes, tls: false } }, [Symbol.asyncDispose]: () => endAll(servers) };
}

async function startNode(bus: number): Promise<RedisServer | undefined> {
  const own = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-announce-ip', '127.0.0.1'];
  return await startRedis([...own, '--cluster-port', String(bus), '--cluster-node-timeout', '1000']);
}

/** The replica has all that was written to its primary up to now. (WAIT would only speak of what its own connection wrote.) */
export async function untilInStep(primary: RedisServer, replica: RedisServer): Promise<void> {
  const offsetOf = async ({ port }: RedisServer, name: string): Promise<number> =>
    Number(new RegExp(`${name}:(\\d+)`).exec(await say(port, 'INFO replication'))?.[1] ?? Number.NaN);
  const written = await offsetOf(primary, 'master_repl_offset');
  await until(async () => (await offsetOf(replica, 'slave_repl_offset')) >= written);
}

/** Adds a server that takes over from one of a Cluster when that is gone, and is in step with it. */
export async function startReplica(group: RedisGroup, of: RedisServer): Promise<RedisServer> {
  const [bus = 0] = await findFreePorts(1);
  const replica = await startNode(bus);
  if (!replica) throw new Error('there is no redis-server');
  return await orEnd([replica], async () => {
    const self = (await say(of.port, 'CLUSTER NODES')).split('\n').find((line) => line.includes('myself')) ?? '';
    const [, id, ofBus] = /^(?:\$\d+\r\n)?(\w+) \S+@(\d+)/.exec(self) ?? [];
    await told(replica.port, `CLUSTER MEET 127.0.0.1 ${of.port} ${ofBus}`);
    // Whoever is not known yet cannot be followed.
    await until(async () => (await say(replica.port, `CLUSTER REPLICATE ${id}`)).startsWith('+OK'));
    await until(async () => (await say(replica.port, 'INFO replication')).includes('master_link_status:up'));
    // The others elect it.
    for (const { port } of group.servers)
      await until(async () => (await say(port, 'CLUSTER NODES')).includes(`slave ${id}`));
    return replica;
  });
}

async function joinMasters(servers: readonly RedisServer[], buses: readonly number[]): Promise<void> {
  const count = servers.length;
  for (const [index, { port }] of servers.entries()) {
    const [from, to] = [Math.floor((SLOTS * index) / count), Math.floor((SLOTS * (index + 1)) / count) - 1];
    await told(port, `CLUSTER ADDSLOTSRANGE ${from} ${to}`);
    await told(port, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`);
  }
  for (const [index, { port }] of servers.entries())
    if (index > 0) await told(servers[0]?.port ?? 0, `CLUSTER MEET 127.0.0.1 ${port} ${buses[index]}`);
  const whole = ['cluster_state:ok', `cluster_known_nodes:${count}`, `cluster_slots_ok:${SLOTS}`];
  for (const { port } of servers) {
    await until(async () => {
      const info = await say(port, 'CLUSTER INFO');
      return whole.every((each) => info.includes(each));
    });
  }
}

/** A primary, a replica and a Sentinel that takes a silent primary for dead after 200 ms; undefined where there is no `redis-server`. */
export async function startWatched(): Promise<RedisGroup | undefined> {
  const primary = await startRedis();
  if (!primary) return undefined;
  const replica = await startRedis(['--replicaof', '127.0.0.1', String(primary.port)]);
  const servers = [primary, replica].flatMap((server) => server ?? []);
  return await orEnd(servers, async () => {
    const { port, sentinel } = await watch(primary.port, replica?.port ?? 0);
    return {
      servers,
      settings: { sentinel: { name: 'shop', sentinels: [{ host: '127.0.0.1', port }], tls: false, db: 0 } },
      async [Symbol.asyncDispose]() {
        await sentinel[Symbol.asyncDispose]();
        await endAll(servers);
      },
    };
  });
}

async function watch(primary: number, replica: number): Promise<{ port: number; sentinel: AsyncDisposable }> {
  await until(async () => (await say(replica, 'INFO replication')).includes('master_link_status:up'));
  const [port = 0] = await findFreePorts(1);
  const dir = await mkdtemp(join(tmpdir(), 'tributary-sentinel-'));
  const file = join(dir, 'sentinel.conf');
  const lines = [
    ...[`port ${port}`, 'bind 127.0.0.1', `dir ${dir}`, `sentinel monitor shop 127.0.0.1 ${primary} 1`],
    ...['sentinel down-after-milliseconds shop 200', 'sentinel failover-timeout shop 2000', ''],
  ];
  // It writes what it finds out into its own configuration.
  await writeFile(file, lines.join('\n'));
  const program = await startSoftware('redis-server', () => [file, '--sentinel'], /\+monitor/);
  const sentinel = {
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
  await orEnd([sentinel], () => until(async () => (await say(port, 'SENTINEL replicas shop')).includes(`${replica}`)));
  return { port, sentinel };
}

async function told(port: number, command: string): Promise<void> {
  const given = await say(port, command);
  if (!given.startsWith('+OK')) throw new Error(`${command}: ${given}`);
}

async function orEnd<T>(programs: readonly AsyncDisposable[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await endAll(programs);
    throw error;
  }
}

async function endAll(programs: readonly AsyncDisposable[]): Promise<void> {
  await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
}
