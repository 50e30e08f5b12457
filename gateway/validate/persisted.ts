/**
 * Operations that are named by hash: trusted ones of the manifest, and those that clients registered by sending them once with their
 * hash (automatic persisted queries; the protocol is Apollo's: apollographql.com/docs/apollo-server/performance/apq).
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';
import { isInOnePiece } from '../lib/one-piece.ts';
import type { OperationStore } from './operation-store.ts';

/** What of a request's parameters names an operation. */
export type NamedParams = { readonly query?: string; readonly extensions?: unknown };

/** An operation to run: its text, and the hash it is to be registered under once it proved valid. */
export type FoundOperation = { readonly query: string | undefined; readonly register?: string };

export type PersistedOptions = {
  readonly config: Pick<GatewayConfig, 'persistedOperations' | 'manifest'>;
  readonly store: OperationStore;
  /** Told when the store fails. */
  readonly onFault: (error: unknown) => void;
};

export type Persisted = {
  /**
   * The text that a request means. Gives no promise where nothing has to be looked up.
   *
   * @param isFree whether texts may run that are not in the manifest, whatever the mode
   * @throws GatewayError PERSISTED_OPERATION_NOT_FOUND, PERSISTED_OPERATION_REQUIRED, or BAD_REQUEST for a hash of another text
   */
  find(params: NamedParams, isFree: boolean): FoundOperation | Promise<FoundOperation>;
  /**
   * Whether a text was found by this hash before whose answer comes in one piece. Nothing is looked up: of what was not asked for
   * yet, or is long ago, nothing is known.
   */
  isKnownPlain(hash: string): boolean;
  /** Keeps a text that proved valid. Nobody waits for it. */
  register(hash: string, text: string): void;
};

// The sentences are the protocol: clients compare them.
const NOT_FOUND = 'PersistedQueryNotFound';
const NOT_SUPPORTED = 'PersistedQueryNotSupported';
/** Hashes of which it is known what they stand for. */
const MAX_PLAIN = 10_000;

export function createPersisted({ config, store, onFault }: PersistedOptions): Persisted {
  const { apq, mode } = config.persistedOperations;
  const trusted = mode === 'off' ? undefined : config.manifest;
  const plain = new LRUCache<string, true>({ max: MAX_PLAIN });

  function note(hash: string, text: string): void {
    if (!plain.has(hash) && isInOnePiece(text)) plain.set(hash, true);
  }

  function found(hash: string, query: string): FoundOperation {
    note(hash, query);
    return { query };
  }

  async function lookUp(hash: string): Promise<FoundOperation> {
    const text = await store.get(hash).catch(onFault);
    if (typeof text !== 'string') throw notFound(NOT_FOUND);
    return found(hash, text);
  }

  return {
    find({ query, extensions }, isFree) {
      const hash = hashIn(extensions);
      const mustBeTrusted = mode === 'require' && !isFree;
      if (hash === undefined) {
        if (mustBeTrusted && query !== undefined && trusted?.has(hashOf(query)) !== true) throw required();
        return { query };
      }
      if (query !== undefined && query !== '' && hashOf(query) !== hash) {
        throw new GatewayError('BAD_REQUEST', { message: 'provided sha does not match query' });
      }
      const known = trusted?.get(hash);
      if (known !== undefined) return found(hash, known);
      if (query !== undefined && query !== '') {
        if (mustBeTrusted) throw required();
        return apq === 'allow' ? { query, register: hash } : { query };
      }
      if (apq === 'allow') return lookUp(hash);
      throw notFound(mode === 'off' ? NOT_SUPPORTED : NOT_FOUND);
    },
    isKnownPlain: (hash) => plain.get(hash.toLowerCase()) === true,
    register(hash, text) {
      note(hash, text);
      store.set(hash, text).catch(onFault);
    },
  };
}

/** @throws GatewayError BAD_REQUEST when it is not as the protocol has it */
function hashIn(extensions: unknown): string | undefined {
  const named = isRecord(extensions) ? extensions['persistedQuery'] : undefined;
  if (named == null) return undefined;
  const { version, sha256Hash } = isRecord(named) ? named : {};
  const isHash = typeof sha256Hash === 'string' && /^[0-9a-f]{64}$/i.test(sha256Hash);
  if (version === 1 && isHash) return sha256Hash.toLowerCase();
  const message = 'extensions.persistedQuery has to be { "version": 1, "sha256Hash": "…" } with a SHA-256 hash in hex.';
  throw new GatewayError('BAD_REQUEST', { message });
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** No cache between here and the client may keep it: the next request with this hash may be answered. */
function notFound(message: string): GatewayError {
  return new GatewayError('PERSISTED_OPERATION_NOT_FOUND', { message, headers: { 'cache-control': 'no-store' } });
}

function required(): GatewayError {
  return new GatewayError('PERSISTED_OPERATION_REQUIRED', { headers: { 'cache-control': 'no-store' } });
}
