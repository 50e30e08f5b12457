/** Answers that come again byte for byte as they were: what was made of them is there already, and is not made again. */
import { LRUCache } from 'lru-cache';

/** For the answers of one source: its keys meet no other's. */
export type Unchanged = {
  /**
   * The value of an answer: the one that was made of the same bytes before, or a new one.
   *
   * Kept is what is asked for again, by its second answer; from then on it is one object for all, which nobody may change.
   *
   * @param key equal for answers that are read in the same way; whoever asks for the same has the same key
   * @param make reads the bytes; what it throws is nobody's value
   */
  read<T>(key: string, bytes: Buffer, make: () => T): T;
};

type Kept = { readonly bytes: Buffer; readonly value: unknown };

/** Shorter ones are read sooner than they are found. */
const LEAST_BYTES = 256;
/** Of the memory, what goes to keys that were seen once. */
const SEEN_SHARE = 16;

/** Values that stay the same object as long as their source says the same. */
const constant = new WeakSet<object>();

/** Whether the value is one that is given again for the same bytes, so that what is made of it may be kept beside it. */
export function isConstant(value: unknown): value is object {
  return typeof value === 'object' && value !== null && constant.has(value);
}

/**
 * The memory that all sources share.
 *
 * @param maxBytes most of it, in bytes of answers as they came; 0 keeps none. What is made of them takes some times as much.
 * @returns opens it for one source of one generation
 */
export function createUnchanged(maxBytes: number): () => Unchanged {
  if (maxBytes < SEEN_SHARE) return () => ({ read: (_key, _bytes, make) => make() });
  let sources = 0;
  const kept = new LRUCache<string, Kept>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }, key) => bytes.length + key.length,
  });
  // What is never asked for again must not drive out what is.
  const seen = new LRUCache<string, true>({
    maxSize: Math.floor(maxBytes / SEEN_SHARE),
    sizeCalculation: (_value, key) => key.length + 1,
  });

  function keep(key: string, bytes: Buffer, value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    constant.add(value);
    // A copy, since bytes of the network are a piece of something larger; of its own, since a piece of node's pool keeps all of that.
    const own = Buffer.allocUnsafeSlow(bytes.length);
    bytes.copy(own);
    kept.set(key, { bytes: own, value });
  }

  function read<T>(key: string, bytes: Buffer, make: () => T): T {
    if (bytes.length < LEAST_BYTES || bytes.length > maxBytes) return make();
    const known = kept.get(key);
    if (known?.bytes.equals(bytes)) return known.value as T;
    const value = make();
    if (known ?? seen.has(key)) keep(key, bytes, value);
    else seen.set(key, true);
    return value;
  }

  return () => {
    sources += 1;
    const own = `${sources} `;
    return { read: (key, bytes, make) => read(own + key, bytes, make) };
  };
}
