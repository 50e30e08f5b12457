import { readFile, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import { inOneSlot } from '../../lib/hash-tag.ts';
import { createScript, openRedis, plainRedisError } from '../../lib/redis-connection.ts';
import type { RedisSettings } from '../../lib/redis-options.ts';
import { checkBlob, checkHash, checkLength, damaged, GRACE_MS, verified } from './blob.ts';
import { APPEND, DELETE_BLOBS, PUT_BLOB } from './redis-scripts.ts';
import { blobsOf, decodeRevision, encodeRevision } from './revision-text.ts';
import type { RegistryStore, Revision } from './store.ts';
import { createWatchers } from './watchers.ts';

export type RedisStoreOptions = {
  readonly redis: RedisSettings & {
    /** Stands before every key; also the hash tag, unless it holds one. */
    readonly prefix: string;
  };
  /** Time between two looks for changes of other replicas, in ms; most are heard of before. */
  readonly pollMs: number;
  /** Revisions that are kept. */
  readonly keepRevisions: number;
  /** Most bytes of one blob. */
  readonly maxBlobBytes: number;
  /** How long a blob that no revision refers to is kept, in ms (default an hour). */
  readonly graceMs?: number;
  readonly now: () => number;
  /** Told of what fails beside the calls: connecting, watching, deleting what is not kept. */
  readonly onFault: (error: unknown) => void;
};

/** Revisions that are asked for at a time. */
const PAGE = 50;

const deletable = z.array(z.string());

/**
 * Keeps the registry in Redis, for all replicas. Each change is one step of Redis (`redis-scripts.ts`). While Redis cannot be reached,
 * or does not answer in time, everything rejects with REGISTRY_UNAVAILABLE; an append may have been made all the same.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<RegistryStore> {
  const { redis, pollMs, keepRevisions, maxBlobBytes, graceMs = GRACE_MS, now, onFault } = options;
  const connection = openRedis(redis, onFault);
  const { client } = connection;
  const tag = inOneSlot(redis.prefix);
  const keys = { revisions: `${tag}revisions`, refs: `${tag}refs`, loose: `${tag}loose`, channel: `${tag}changed` };
  const keyOfBlob = (hash: string): string => `${tag}blob:${hash}`;
  const putBlob = createScript(client, PUT_BLOB);
  const append = createScript(client, APPEND);
  const deleteBlobs = createScript(client, DELETE_BLOBS);
  const cutoff = (): number => now() - graceMs;
  let deleting: Promise<unknown> = Promise.resolve();

  function collect(hashes: readonly string[]): void {
    if (hashes.length === 0) return;
    const work = asked(deleteBlobs([keys.loose, ...hashes.map(keyOfBlob)], [cutoff(), ...hashes]));
    deleting = Promise.all([deleting, work.catch(onFault)]);
  }

  async function headNumber(): Promise<number> {
    return Number((await asked(client.hget(keys.revisions, 'head'))) ?? 0);
  }

  function decode(text: string, number: number): Revision {
    return decodeRevision(text, number, `Revision ${number} in Redis (${keys.revisions})`);
  }

  async function readHead(): Promise<Revision | undefined> {
    for (let number = await headNumber(); number > 0; ) {
      const text = await asked(client.hget(keys.revisions, String(number)));
      if (text !== null) return decode(text, number);
      // A whole history later it is gone; else it should be there.
      const newer = await headNumber();
      if (newer === number) throw damaged(`Revision ${number} in Redis (${keys.revisions})`);
      number = newer;
    }
    return undefined;
  }

  async function readHistory({ source, before, limit }: HistoryOptions): Promise<Revision[]> {
    const head = await headNumber();
    const lowest = Math.max(1, head - keepRevisions + 1);
    const found: Revision[] = [];
    let next = Math.min(head, (before ?? head + 1) - 1);
    while (next >= lowest && found.length < limit) {
      const page = Array.from({ length: Math.min(PAGE, next - lowest + 1) }, (_, index) => next - index);
      next -= page.length;
      const wanted = (await ofSource(page, source)).slice(0, limit - found.length);
      if (wanted.length === 0) continue;
      const texts = await asked(client.hmget(keys.revisions, ...wanted.map(String)));
      for (const [index, number] of wanted.entries()) {
        const text = texts[index];
        if (typeof text === 'string') found.push(decode(text, number));
      }
    }
    return found;
  }

  /** The names are asked for first: a text is the state of the whole registry. */
  async function ofSource(numbers: readonly number[], source: string | undefined): Promise<readonly number[]> {
    if (source === undefined) return numbers;
    const names = await asked(client.hmget(keys.revisions, ...numbers.map((number) => `s${number}`)));
    return numbers.filter((_, index) => names[index] === source);
  }

  const watchers = createWatchers({
    pollMs,
    onFault,
    position: async () => (await asked(client.hget(keys.revisions, 'position'))) ?? '',
    listen: (ring) => connection.subscribe(keys.channel, ring),
  });

  if (await connection.ready()) await warnOfEviction(connection, onFault);
  async function put(hash: string, bytes: Buffer): Promise<void> {
    await checkBlob(hash, bytes, maxBlobBytes);
    const args = [hash, bytes, now(), cutoff()];
    collect(deletable.parse(await asked(putBlob([keyOfBlob(hash), keys.refs, keys.loose], args))));
  }

  async function get(hash: string): Promise<Buffer | undefined> {
    checkHash(hash);
    const bytes = await asked(client.getBuffer(keyOfBlob(hash)));
    return bytes === null ? undefined : await verified(hash, bytes, `Bundle ${hash} in Redis (${keyOfBlob(hash)})`);
  }

  return {
    head: readHead,
    putBlob: put,
    async putBlobFile(hash, file) {
      checkLength((await stat(file)).size, maxBlobBytes);
      await put(hash, await readFile(file));
    },
    getBlob: get,
    async copyBlob(hash, file) {
      const bytes = await get(hash);
      if (bytes) await writeFile(file, bytes, { flag: 'wx' });
      return bytes !== undefined;
    },
    async append(revision) {
      const { number, source } = revision;
      const { hash, text } = encodeRevision(revision);
      const args = [number, `${number}:${hash}`, source, text, keepRevisions, now(), cutoff(), keys.channel];
      const work = append([keys.revisions, keys.refs, keys.loose], [...args, ...blobsOf(revision)]);
      const answer = await asked(work, UNCERTAIN);
      if (answer === null) return false;
      collect(deletable.parse(answer));
      return true;
    },
    history: readHistory,
    watch: watchers.watch,
    async [Symbol.asyncDispose]() {
      watchers.close();
      await deleting;
      await connection[Symbol.asyncDispose]();
    },
  };
}

type HistoryOptions = Parameters<RegistryStore['history']>[0];

const UNCERTAIN = 'Redis did not confirm the change to the registry: look whether it was made before trying again.';

/** @throws GatewayError REGISTRY_UNAVAILABLE for whatever Redis or the way to it says */
async function asked<T>(work: Promise<T>, message?: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const cause = plainRedisError(error);
    throw new GatewayError('REGISTRY_UNAVAILABLE', { ...(message !== undefined && { message }), cause });
  }
}

/** A Redis for caches drops what was not used for long: the registry must not live in one. */
async function warnOfEviction(
  { client }: ReturnType<typeof openRedis>,
  onFault: (error: unknown) => void,
): Promise<void> {
  const info = await client.info('memory').catch(() => '');
  const isBounded = /^maxmemory:[1-9]/m.test(info);
  const [, policy] = /^maxmemory_policy:(allkeys-\w+)/m.exec(info) ?? [];
  if (isBounded && policy !== undefined)
    onFault(new Error(`Redis may drop the registry (maxmemory-policy ${policy}): give it one with noeviction.`));
}
