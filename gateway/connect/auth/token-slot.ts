import type { Secret } from '../../config/secret.ts';
import { GatewayError } from '../../errors.ts';
import { createBackoff } from './backoff.ts';
import type { CredentialDeps } from './credentials.ts';

/** A token as an authorization server gave it. */
export type IssuedToken = { token: Secret; lifeMs: number };

/** Place of one token that is fetched when it is needed. */
export type TokenSlot = {
  /**
   * The token, fetched first where there is none; never one that has ended. Fails with what `fetch` failed with, also for a while
   * after it did.
   */
  get(fetch: () => Promise<IssuedToken>): Promise<Secret>;
  /** Forgets the token if it is this one. Returns whether `get` will give another. */
  drop(token: string): boolean;
};

type Held = { token: Secret; refreshAt: number; endsAt: number };

/** A source that refuses every token does not make the gateway fetch one for every call. */
const DROP_PAUSE_MS = 5000;

/**
 * Makes a slot. However many ask, one fetch is under way ("single flight"), and it belongs to none of them: who leaves does not end it.
 * Close to its end a token is still given while the next is fetched; a life is counted from when the token was asked for.
 */
export function createTokenSlot(
  { source, now }: CredentialDeps,
  { refreshBeforeMs }: { refreshBeforeMs: number },
): TokenSlot {
  const backoff = createBackoff(now);
  let held: Held | undefined;
  let flight: Promise<Held> | undefined;
  let droppedAt = Number.NEGATIVE_INFINITY;

  async function refresh(fetch: () => Promise<IssuedToken>): Promise<Held> {
    const start = now();
    try {
      const { token, lifeMs } = await fetch();
      const next = { token, endsAt: start + lifeMs, refreshAt: start + lifeMs - Math.min(refreshBeforeMs, lifeMs / 2) };
      if (now() >= next.endsAt) throw ended(source);
      held = next;
      backoff.succeeded();
      return next;
    } catch (error) {
      backoff.failed(error);
      throw error;
    } finally {
      flight = undefined;
    }
  }

  return {
    get: async (fetch) => {
      if (held && now() >= held.endsAt) held = undefined;
      const failure = backoff.failure();
      if (held) {
        if (now() >= held.refreshAt && !flight && failure === undefined) {
          flight = refresh(fetch);
          // Nobody waits for it; who needs the next token is told by then.
          flight.catch(() => undefined);
        }
        return held.token;
      }
      if (!flight && failure !== undefined) throw failure;
      flight ??= refresh(fetch);
      const { token, endsAt } = await flight;
      if (now() >= endsAt) throw ended(source);
      return token;
    },
    drop: (token) => {
      if (held?.token.reveal() !== token) return true;
      if (now() < droppedAt + DROP_PAUSE_MS) return false;
      droppedAt = now();
      held = undefined;
      return true;
    },
  };
}

function ended(source: string): GatewayError {
  return new GatewayError('SOURCE_UNAVAILABLE', { source, cause: 'the token had ended when it came' });
}
