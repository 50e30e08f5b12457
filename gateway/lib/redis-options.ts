/** What ioredis is told for one server, for a group that Sentinels watch and for a Cluster, so that commands never wait for long. */
import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** What configuration makes of passwords. */
type Hidden = { reveal(): string };
type Options = Omit<RedisOptions, 'replyMapping'>;
type Host = { readonly host: string; readonly port: number };
type Login = {
  readonly username?: string | undefined;
  readonly password?: Hidden | undefined;
  readonly tls: boolean;
};

/** Exactly one of `url`, `sentinel` and `cluster` (gateway/config/redis.ts sees to it). */
export type RedisSettings = {
  /** `redis://[user:password@]host:6379/0`, or `rediss://` for TLS. */
  readonly url?: Hidden | undefined;
  readonly sentinel?:
    | (Login & {
        readonly name: string;
        readonly sentinels: readonly Host[];
        readonly sentinelPassword?: Hidden | undefined;
        readonly db: number;
      })
    | undefined;
  readonly cluster?: (Login & { readonly nodes: readonly Host[] }) | undefined;
  /** Longest time of one command, in ms. */
  readonly timeoutMs: number;
};

/** Longest pause between two attempts to connect, in ms: who waits for Redis learns soon that it is back. */
const MAX_PAUSE_MS = 1000;
const MIN_CONNECT_MS = 1000;
/** A command moves on with its slot; more moves than this are a Cluster in disorder. */
const MAX_REDIRECTIONS = 4;

/** A client that connects at once, and again for as long as it is not disconnected. */
export function createClient(settings: RedisSettings): Redis | Cluster {
  return settings.cluster ? openCluster(settings, settings.cluster) : openServer(settings);
}

/** What holds for every connection. */
function common({ timeoutMs }: RedisSettings): Options {
  return {
    commandTimeout: timeoutMs,
    connectTimeout: Math.max(MIN_CONNECT_MS, timeoutMs),
    // A server that is frozen keeps its connections: without this, commands that timed out would pile up on them.
    socketTimeout: 2 * timeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // After a failover the server of before refuses writes: the right one is found by connecting anew.
    reconnectOnError: (error) => error.message.includes('READONLY'),
  };
}

function openServer(settings: RedisSettings): Redis {
  const { url, sentinel } = settings;
  const own = { ...common(settings), enableOfflineQueue: false, retryStrategy: pause };
  return sentinel ? new Redis({ ...own, ...sentinelOptions(sentinel, settings) }) : new Redis(url?.reveal() ?? '', own);
}

function sentinelOptions(
  { name, sentinels, sentinelPassword, db, ...login }: NonNullable<RedisSettings['sentinel']>,
  { timeoutMs }: RedisSettings,
): Options {
  return {
    ...loginOf(login),
    name,
    db,
    sentinels: sentinels.map((host) => ({ ...host })),
    sentinelRetryStrategy: pause,
    sentinelCommandTimeout: timeoutMs,
    ...(sentinelPassword && { sentinelPassword: sentinelPassword.reveal() }),
    ...(login.tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
  };
}

function openCluster(settings: RedisSettings, { nodes, ...login }: NonNullable<RedisSettings['cluster']>): Cluster {
  return new Cluster(
    nodes.map((host) => ({ ...host })),
    {
      redisOptions: { ...common(settings), ...loginOf(login) },
      enableOfflineQueue: false,
      clusterRetryStrategy: pause,
      maxRedirections: MAX_REDIRECTIONS,
      slotsRefreshTimeout: Math.max(MIN_CONNECT_MS, settings.timeoutMs),
      // Certificates are for names: a name that became an address would fit none.
      ...(login.tls && { dnsLookup: (name, found) => found(null, name) }),
    },
  );
}

function loginOf({ username, password, tls }: Login): Options {
  return {
    ...(username !== undefined && { username }),
    ...(password && { password: password.reveal() }),
    ...(tls && { tls: {} }),
  };
}

function pause(attempt: number): number {
  return Math.min(MAX_PAUSE_MS, 50 * 2 ** Math.min(attempt, 10));
}
