/** API keys: random texts in a header, known here by their hashes. */
import type { KeyRecord } from '../config/api-keys.ts';
import type { ApiKeysConfig } from '../config/identity.ts';
import type { Principal } from '../context.ts';
import { createFileKeys } from './file-keys.ts';
import { createKept } from './kept.ts';
import { hashKey, type KeyStore } from './key-store.ts';
import { createMemoryKeys } from './memory-keys.ts';
import { createPrincipal } from './principal.ts';
import { cannotCheck, type Refuse } from './refusal.ts';

export type ApiKeysOptions = {
  readonly refuse: Refuse;
  /** Most keys of Redis that are remembered. */
  readonly maxCached: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when a store fails. */
  readonly onFault: (error: unknown) => void;
};

export type ApiKeys = {
  /** @throws GatewayError UNAUTHENTICATED, SOURCE_UNAVAILABLE; either at once or later */
  identify(key: string): Principal | Promise<Principal>;
  [Symbol.asyncDispose](): Promise<void>;
};

const KEY = /^[\x21-\x7e]{1,512}$/;

/** Looks a key up in the configuration, then in the file, then in Redis. */
export function createApiKeys(config: ApiKeysConfig, { refuse, maxCached, now, onFault }: ApiKeysOptions): ApiKeys {
  const { keys, file, refreshMs, redis } = config;
  const stores: KeyStore[] = [
    createMemoryKeys(keys),
    ...(file === undefined ? [] : [createFileKeys({ path: file, refreshMs, now, onFault })]),
    ...(redis ? [createRemembered(redis, { maxCached, now, onFault })] : []),
  ];
  /** One principal for all requests of a secret. */
  const principals = new WeakMap<KeyRecord['secrets'][number], Principal>();
  const refused = (description: string): Error => refuse({ scheme: 'ApiKey', error: 'invalid_token', description });

  function settle(hash: string, record: KeyRecord | undefined): Principal {
    const secret = record?.secrets.find((each) => each.hash === hash);
    if (!record || !secret) throw refused('The API key is not accepted');
    if (secret.expiresAt !== undefined && secret.expiresAt <= now()) throw refused('The API key has expired');
    let principal = principals.get(secret);
    if (!principal) {
      principal = principalOf(record, secret);
      principals.set(secret, principal);
    }
    return principal;
  }

  /** One store after the other; what is in memory answers at once. */
  function search(hash: string, from: number): Principal | Promise<Principal> {
    for (const [index, store] of stores.entries()) {
      if (index < from) continue;
      const found = findIn(store, hash);
      if (found instanceof Promise)
        return found.then((record) => (record ? settle(hash, record) : search(hash, index + 1)));
      if (found) return settle(hash, found);
    }
    return settle(hash, undefined);
  }

  return {
    identify(key) {
      if (!KEY.test(key)) throw refused('The API key is not one');
      return search(hashKey(key), 0);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
    },
  };
}

function findIn(store: KeyStore, hash: string): KeyRecord | undefined | Promise<KeyRecord | undefined> {
  const found = store.find(hash);
  if (!(found instanceof Promise)) return found;
  return found.catch((cause: unknown) => {
    throw cannotCheck(cause);
  });
}

function principalOf(
  { id, tenant, roles, scopes, claims }: KeyRecord,
  { hash, expiresAt }: KeyRecord['secrets'][number],
): Principal {
  const keyId = hash.slice('sha256/'.length, 'sha256/'.length + 8);
  return createPrincipal({ kind: 'key', prefix: 'key:', subject: id, tenant, roles, scopes, claims, expiresAt, keyId });
}

/** Redis, asked once in a while for each key; what it said last goes on for a time while it cannot be reached. */
function createRemembered(
  { keepMs, keepStaleMs, ...place }: NonNullable<ApiKeysConfig['redis']>,
  { maxCached, now, onFault }: Pick<ApiKeysOptions, 'maxCached' | 'now' | 'onFault'>,
): KeyStore {
  const kept = createKept<{ record: KeyRecord | undefined }>({
    ...{ max: maxCached, now },
    isRefusal: ({ record }) => record === undefined,
  });
  let opening: Promise<KeyStore> | undefined;
  /** ioredis is loaded when it is first needed. */
  const open = async (): Promise<KeyStore> => {
    const { createRedisKeys } = await import('./redis-keys.ts');
    return createRedisKeys({ ...place, now, onFault });
  };
  async function ask(hash: string): Promise<{ value: { record: KeyRecord | undefined }; until: number }> {
    try {
      opening ??= open();
      return { value: { record: await (await opening).find(hash) }, until: now() + keepMs };
    } catch (error) {
      onFault(error);
      const last = kept.stale(hash);
      if (!last?.value.record || now() >= last.until + keepStaleMs) throw error;
      // Asked again with the next request, and still counted from when Redis last said it.
      return { value: last.value, until: last.until };
    }
  }
  return {
    find: (hash) => kept.known(hash)?.record ?? kept.get(hash, () => ask(hash)).then(({ record }) => record),
    [Symbol.asyncDispose]: async () => await (await opening)?.[Symbol.asyncDispose](),
  };
}
