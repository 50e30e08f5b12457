/** What a key is written as; a number never equals a text. */
export type Sort = 'text' | 'number';

const SORTS: ReadonlyMap<string, Sort> = new Map([
  ...['String', 'ID', 'UUID'].map((type) => [type, 'text'] as const),
  ...['Int', 'Int64', 'UInt32', 'UInt64', 'Float'].map((type) => [type, 'number'] as const),
]);

/** The sort of a scalar; undefined for those that are no keys. */
export function sortOf(scalar: string): Sort | undefined {
  return SORTS.get(scalar);
}
