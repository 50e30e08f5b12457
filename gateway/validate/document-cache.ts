import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { OperationLimits } from '../config/operation-limits.ts';

/**
 * The caches of parsed documents and of parse errors, bounded by their text: Yoga's own count entries, and an entry may be a
 * megabyte. What was validated is remembered as long as its document.
 */
export function createDocumentCache({ cachedDocumentBytes: bytes }: Pick<OperationLimits, 'cachedDocumentBytes'>) {
  const cache = <Value extends object>(maxSize: number) =>
    new LRUCache<string, Value>({
      maxSize: Math.max(1, maxSize),
      sizeCalculation: (_value, text) => Math.max(1, text.length),
    });
  return { documentCache: cache<DocumentNode>(bytes), errorCache: cache<Error>(Math.floor(bytes / 8)) };
}
