/**
 * Connections to Redis: one server, a group that Sentinels watch, or a Cluster. It stands in lib/ because stores of every row above
 * need it (calls, limits, answers, registry); settings are taken by their shape, so that nothing above is known here.
 */
import { createHash } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import { createClient, type RedisSettings } from './redis-options.ts';

export type RedisConnection = {
  readonly client: Redis | Cluster;
  /** Whether commands can be sent: true as soon as they can, false when they still cannot after `timeoutMs`. */
  ready(): Promise<boolean>;
  /**
   * Calls `heard` for every message on the channel, and each time the connection is there anew, since messages were missed until then.
   * It has a connection of its own.
   * @returns ends it
   */
  subscribe(channel: string, heard: () => void): () => void;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Opens a connection that never makes callers wait for long: while Redis is away commands reject at once, and while it is silent after
 * `timeoutMs`. It is tried again for as long as the connection is not disposed of.
 *
 * @param onFault told of each failed attempt; its errors hold no arguments of commands
 */
export function openRedis(settings: RedisSettings, onFault: (error: Error) => void): RedisConnection {
  const client = createClient(settings);
  const subscribers = new Set<Redis>();
  /** What ends is cut off in the middle of what it does: that is no fault. */
  const ended = new WeakSet<Redis | Cluster>();
  const tellOf = (from: Redis | Cluster) => (error: Error) => {
    if (!ended.has(from)) onFault(plainRedisError(error));
  };
  const end = (from: Redis | Cluster): void => {
    ended.add(from);
    from.disconnect();
  };
  const tell = tellOf(client);
  client.on('error', tell).on('node error', tell);
  return {
    client,
    ready: () => whenReady(client, settings.timeoutMs),
    subscribe(channel, heard) {
      // A Cluster keeps a connection for subscriptions itself; a server of its own would miss what is published on others.
      const subscriber = client instanceof Cluster ? client : client.duplicate({ autoResubscribe: false });
      const onMessage = (from: string): void => {
        if (from === channel) heard();
      };
      const tellToo = tellOf(subscriber);
      const onReady = (): void => void subscriber.subscribe(channel).then(heard, tellToo);
      subscriber.on('message', onMessage).on('ready', onReady);
      if (subscriber instanceof Redis) subscribers.add(subscriber.on('error', tellToo));
      else if (subscriber.status === 'ready') onReady();
      return () => {
        subscriber.off('message', onMessage).off('ready', onReady);
        if (subscriber instanceof Redis && subscribers.delete(subscriber)) end(subscriber);
      };
    },
    async [Symbol.asyncDispose]() {
      for (const each of [...subscribers, client]) end(each);
    },
  };
}

/** Runs Lua by its hash (EVALSHA); the text is sent only to a server that does not know it yet. */
export function createScript(
  client: Redis | Cluster,
  lua: string,
): (keys: readonly string[], args: readonly (string | number | Buffer)[]) => Promise<unknown> {
  const hash = createHash('sha1').update(lua).digest('hex');
  return async (keys, args) => {
    try {
      return await client.evalsha(hash, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return await client.eval(lua, keys.length, ...keys, ...args);
    }
  };
}

/** The error without the command that it stands for: the arguments of a command are passwords (HELLO, AUTH) and whole values. */
export function plainRedisError(error: unknown): Error {
  const { message, code, errors, lastNodeError } = error as {
    message?: string;
    code?: string;
    errors?: readonly Error[];
    lastNodeError?: Error;
  };
  const parts = [message, lastNodeError?.message, ...(message ? [] : (errors ?? []).map((each) => each.message))];
  const text = parts.filter((part) => part).join(' ');
  return new Error(text === '' ? String(code ?? 'Redis failed') : text);
}

async function whenReady(client: Redis | Cluster, timeoutMs: number): Promise<boolean> {
  if (client.status === 'ready') return true;
  return await new Promise((resolve) => {
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      client.off('ready', onReady).off('end', onEnd);
      resolve(answer);
    };
    const onReady = (): void => end(true);
    const onEnd = (): void => end(false);
    const timer = setTimeout(end, timeoutMs, false);
    client.on('ready', onReady).on('end', onEnd);
  });
}
