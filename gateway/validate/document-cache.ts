import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { OperationLimits } from '../config/operation-limits.ts';

/** What each document counts beside its text, in bytes: parsed, validated and planned, a short one takes twice that. */
const EACH_BYTES = 16_384;

/**
 * The caches of parsed documents and of parse errors, bounded by their text: Yoga's own count entries, and an entry may be a
 * megabyte, while thousands of short ones are many megabytes of syntax trees and plans. What was validated the stage remembers itself, as long as its document.
 */
export function createDocumentCache({ cachedDocumentBytes: bytes }: Pick<OperationLimits, 'cachedDocumentBytes'>) {
  const cache = <Value extends object>(maxSize: number) =>
    new LRUCache<string, Value>({
      maxSize: Math.max(1, maxSize),
      sizeCalculation: (_value, text) => EACH_BYTES + text.length,
    });
  return {
    documentCache: cache<DocumentNode>(bytes),
    errorCache: cache<Error>(Math.floor(bytes / 8)),
    validationCache: false,
  };
}
