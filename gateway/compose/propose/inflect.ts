/** English plurals of what contracts count: enough to tell that `categories` are many of `category`, without a dictionary. */

const IRREGULAR = new Map([
  ['people', 'person'],
  ['children', 'child'],
  ['men', 'man'],
  ['women', 'woman'],
  ['indices', 'index'],
  ['vertices', 'vertex'],
  ['matrices', 'matrix'],
  ['criteria', 'criterion'],
  ['movies', 'movie'],
  ['cookies', 'cookie'],
  ['lives', 'life'],
  ['caches', 'cache'],
  ['menus', 'menu'],
  ['skus', 'sku'],
  ['lenses', 'lens'],
  ['canvases', 'canvas'],
  ['atlases', 'atlas'],
  ['biases', 'bias'],
  ['analyses', 'analysis'],
  ['diagnoses', 'diagnosis'],
]);
const IRREGULAR_PLURALS = new Map([...IRREGULAR].map(([plural, singular]) => [singular, plural]));
/** One and many alike, or a singular that ends like a plural. */
const UNCHANGED = new Set([
  ...['series', 'species', 'news', 'data', 'media', 'metadata', 'equipment', 'information', 'stock', 'sms', 'gps'],
  ...[
    'dns',
    'https',
    'aws',
    'ios',
    'os',
    'tls',
    'sales',
    'analytics',
    'settings',
    'lens',
    'canvas',
    'alias',
    'atlas',
    'bias',
  ],
]);

/** `addresses` → `address`. The word is in lower case; one that is no plural comes back as it is. */
export function singularOf(word: string): string {
  if (UNCHANGED.has(word)) return word;
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length < 4 || /(ss|us|is)$/.test(word)) return word;
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  // `warehouses` and `clauses`, but `statuses`.
  if (/[ao]uses$/.test(word)) return word.slice(0, -1);
  if (/(ss|x|sh|ch|zz|us|alias)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') ? word.slice(0, -1) : word;
}

/** `address` → `addresses`, also at the end of a longer name (`deliveryAddress`); a plural comes back as it is. */
export function pluralOf(name: string): string {
  const last = /[A-Za-z][a-z]*$/.exec(name)?.[0] ?? '';
  const word = last.toLowerCase();
  const start = name.slice(0, name.length - last.length);
  const irregular = IRREGULAR_PLURALS.get(word);
  if (irregular !== undefined) return start + last.charAt(0) + irregular.slice(1);
  if (word === '' || UNCHANGED.has(word) || singularOf(word) !== word) return name;
  if (/[^aeiou]y$/.test(word)) return `${name.slice(0, -1)}ies`;
  return /(s|x|sh|ch|zz)$/.test(word) ? `${name}es` : `${name}s`;
}
