import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { createDocumentCache } from '../../../gateway/validate/document-cache.ts';

it('documents are kept up to so many bytes of text and 16384 for each, those not used for longest go first, and none that is larger', () => {
  const { documentCache, errorCache } = createDocumentCache({ cachedDocumentBytes: 10 * (16_384 + 100) });
  const textOf = (n: number) => `{ a${String(n).padStart(3, '0')} }`.padEnd(100);
  for (let n = 0; n < 50; n += 1) documentCache.set(textOf(n), parse(textOf(n)));
  const kept = Array.from({ length: 50 }, (_, n) => n).filter((n) => documentCache.get(textOf(n)) !== undefined);
  expect(kept).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
  documentCache.set('#'.repeat(200_000), parse('{ a }'));
  expect(documentCache.get('#'.repeat(200_000))).toBeUndefined();
  for (let n = 0; n < 50; n += 1) errorCache.set(textOf(n), new Error('x'));
  expect(Array.from({ length: 50 }, (_, n) => errorCache.get(textOf(n))).filter(Boolean)).toHaveLength(1);
});
