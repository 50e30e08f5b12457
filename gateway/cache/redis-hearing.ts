/** What a replica hears of names that others drop, and how sure it can be to have heard everything. */
import { Cluster, Redis } from 'ioredis';
import { plainRedisError, type RedisConnection } from '../lib/redis-connection.ts';
import type { Heard } from './tiered-store.ts';

export type HearingOptions = {
  readonly connection: Pick<RedisConnection, 'client'>;
  /** Channel that names which were dropped are told on. */
  readonly channel: string;
  /** A name that no other replica has. */
  readonly id: string;
  /** Time between two messages to itself, in ms. */
  readonly beatMs: number;
  /** Names that were dropped. */
  readonly onDropped: (tags: readonly string[]) => void;
  readonly onFault: (error: Error) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

export type Hearing = AsyncDisposable & { heard(): Heard };

/**
 * Listens on a connection of its own. A subscription says nothing when it is cut: so the replica sends messages to itself by the same way,
 * and has heard everything up to the time at which it sent the last one that came back.
 */
export function openHearing({ connection, channel, id, beatMs, onDropped, onFault, now }: HearingOptions): Hearing {
  const { client } = connection;
  const own = `${channel}:${id}`;
  // A Cluster keeps a connection for subscriptions itself.
  const subscriber = client instanceof Cluster ? client : client.duplicate({ autoResubscribe: false });
  let from: number | undefined;
  let to = 0;
  let wasLost = false;
  let regainedAt: number | undefined;

  const onMessage = (where: string, text: string): void => {
    if (where === channel) onDropped(text.split(' '));
    else if (where === own) {
      const sentAt = Number(text);
      if (from === undefined && wasLost) regainedAt = now();
      from ??= sentAt;
      to = Math.max(to, sentAt);
    }
  };
  const deaf = (): void => {
    // The first time nothing had been heard yet that could be missed.
    wasLost ||= from !== undefined;
    from = undefined;
  };
  const listen = (): void => {
    deaf();
    subscriber.subscribe(channel, own).catch((error: unknown) => onFault(plainRedisError(error)));
  };
  subscriber.on('message', onMessage).on('ready', listen).on('close', deaf).on('end', deaf);
  if (subscriber instanceof Redis) subscriber.on('error', (error: Error) => onFault(plainRedisError(error)));
  else if (subscriber.status === 'ready') listen();

  const beat = setInterval(() => {
    client.publish(own, String(now())).catch(() => undefined);
  }, beatMs);
  beat.unref();

  return {
    heard: () => ({ span: from === undefined ? undefined : { from, to }, regainedAt }),
    async [Symbol.asyncDispose]() {
      clearInterval(beat);
      subscriber.off('message', onMessage).off('ready', listen).off('close', deaf).off('end', deaf);
      if (subscriber instanceof Redis) subscriber.disconnect();
    },
  };
}
