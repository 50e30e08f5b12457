/** Connections to Redis as stores want them: commands fail at once while there is none, and it comes back by itself. */
import { Cluster, Redis } from 'ioredis';

export type RedisTarget = {
  readonly mode: 'single' | 'sentinel' | 'cluster';
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. Of a single server one. */
  readonly urls: readonly string[];
  /** Under which name Sentinels know the servers. */
  readonly sentinelName?: string | undefined;
};

export type ClientOptions = {
  /** Longest time of one command, in ms. */
  readonly timeoutMs: number;
  /** Told when a connection fails; it is tried again. */
  readonly onFault: (error: Error) => void;
};

export type RedisClient = Redis | Cluster;

/** Longest pause between two attempts to connect, in ms. */
const MAX_PAUSE_MS = 2000;

/** Connects; a command before the connection stands fails like one after it broke. */
export function connectRedis({ mode, urls, sentinelName }: RedisTarget, options: ClientOptions): RedisClient {
  const { timeoutMs, onFault } = options;
  const pause = (attempt: number): number => Math.min(MAX_PAUSE_MS, 50 * 2 ** Math.min(attempt, 10));
  const common = {
    commandTimeout: timeoutMs,
    connectTimeout: Math.max(1000, timeoutMs * 4),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: pause,
  };
  const nodes = urls.map(nodeOf);
  const [{ host: _host, port: _port, ...credentials } = {}] = nodes;
  const client =
    mode === 'cluster'
      ? new Cluster(nodes, {
          redisOptions: { ...common, ...credentials },
          enableOfflineQueue: false,
          clusterRetryStrategy: pause,
          // What a slot that moves answers is followed; what fails otherwise is the caller's to know.
          retryDelayOnFailover: 0,
          retryDelayOnClusterDown: 0,
          maxRedirections: 4,
        })
      : mode === 'sentinel'
        ? new Redis({
            ...common,
            ...credentials,
            name: sentinelName ?? '',
            sentinels: nodes.map(({ host, port }) => ({ host, port })),
            sentinelRetryStrategy: pause,
          })
        : new Redis(urls[0] ?? '', common);
  client.on('error', onFault);
  return client;
}

type Node = {
  host: string;
  port: number;
  username?: string;
  password?: string;
  tls?: Record<string, never>;
  db?: number;
};

function nodeOf(url: string): Node {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const db = Number(pathname.slice(1));
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
    ...(db > 0 && { db }),
  };
}
