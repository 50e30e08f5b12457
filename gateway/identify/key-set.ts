/** The public keys of an issuer (RFC 7517), as they change. */
import { createLocalJWKSet, errors, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';
import { createBackoff } from '../connect/auth/backoff.ts';
import { isRecord } from '../lib/json.ts';

export type KeySetOptions = {
  /** Reads the document with the keys. */
  readonly load: () => Promise<string>;
  /** Age at which the keys are read anew, in ms. */
  readonly refreshMs: number;
  /** Least time between two readings, in ms, where the first failed or a token names a key that is not there. */
  readonly cooldownMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when reading failed and older keys go on. */
  readonly onFault: (error: unknown) => void;
};

/** Finds the key of a token. Rejects with an error of jose where none fits the token, with another one where no keys could be had. */
export type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

/** Keys that could not be read anew for so long are given up. */
const MAX_AGE_MS = 86_400_000;

/**
 * Keeps the keys of one issuer. However many ask, they are read once at a time. A key that is not there makes them be read anew, since
 * issuers change keys before they use them; not again within the cooldown, so that tokens with made-up names cost nothing. While the
 * issuer cannot be asked, the keys that are known go on.
 */
export function createKeySet({ load, refreshMs, cooldownMs, now, onFault }: KeySetOptions): FindKey {
  const backoff = createBackoff(now);
  let known: { find: FindKey; at: number } | undefined;
  let flight: Promise<void> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;

  async function read(): Promise<void> {
    triedAt = now();
    try {
      known = { find: createLocalJWKSet(parseKeys(await load())) as FindKey, at: triedAt };
      backoff.succeeded();
    } catch (error) {
      backoff.failed(error);
      if (known) onFault(error);
    }
  }
  /** @param restMs least time since the last reading */
  function refresh(restMs: number): Promise<void> | undefined {
    const mayRead = backoff.failure() === undefined && now() - triedAt >= restMs;
    if (flight === undefined && mayRead) {
      flight = read().finally(() => {
        flight = undefined;
      });
    }
    return flight;
  }

  return async (header, token) => {
    const age = known ? now() - known.at : Number.POSITIVE_INFINITY;
    if (age >= refreshMs) {
      const refreshed = refresh(0);
      // Keys a little past their age are good enough for who asks now; after a long silence they are not.
      if (age >= 2 * refreshMs) await refreshed;
    }
    if (!known || now() - known.at > MAX_AGE_MS) throw new Error('there are no keys', { cause: backoff.failure() });
    try {
      return await known.find(header, token);
    } catch (error) {
      const refreshed = error instanceof errors.JWKSNoMatchingKey ? refresh(cooldownMs) : undefined;
      if (refreshed === undefined) throw error;
      await refreshed;
      return await known.find(header, token);
    }
  };
}

/** @throws Error that says what is wrong with the document */
function parseKeys(text: string): JSONWebKeySet {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || !Array.isArray(value['keys'])) throw new Error('the document is no key set (RFC 7517 §5)');
  // A shared secret in a set of public keys would make everybody who reads it an issuer.
  return { keys: value['keys'].filter((key) => isRecord(key) && key['kty'] !== 'oct') } as unknown as JSONWebKeySet;
}
