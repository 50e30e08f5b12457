/** Names as phrases: words in lower case, the last one in the singular, so that `order-lines`, `OrderLine` and `order_line` are one. */
import { words } from '../../lib/names.ts';
import { singularOf } from './inflect.ts';

/** What a type's name says of its form and nothing of what it is. */
const FORMS_IN_FRONT = new Set([
  ...[
    'simple',
    'simplified',
    'basic',
    'base',
    'full',
    'complete',
    'detailed',
    'minimal',
    'compact',
    'public',
    'private',
  ],
  ...[
    'expanded',
    'extended',
    'nullable',
    'api',
    'get',
    'read',
    'retrieve',
    'find',
    'show',
    'fetch',
    'single',
    'a',
    'an',
    'the',
  ],
]);
const FORMS_BEHIND = new Set([
  ...['response', 'resp', 'result', 'dto', 'model', 'object', 'resource', 'record', 'entity', 'detail', 'info'],
  ...[
    'information',
    'summary',
    'view',
    'data',
    'payload',
    'schema',
    'full',
    'compact',
    'simple',
    'base',
    'basic',
    'out',
  ],
  ...['read', 'output', 'answer', 'vo', 'json', 'reply', 'body', 'representation', 'inspect', 'minimal', 'mini', 'ok'],
  ...['public', 'extended', 'complete', 'attribute', 'ref', 'reference', 'short', 'interface', 'api'],
]);
const VERSION = /^v?\d+$/;
const VERBS = new Set([
  ...['get', 'list', 'find', 'fetch', 'batch', 'read', 'query', 'search', 'lookup', 'retrieve', 'show', 'describe'],
  ...['load', 'all', 'many', 'multi', 'multiple', 'bulk', 'my'],
]);
const PREPOSITIONS = new Set(['by', 'at', 'for', 'of', 'in', 'from', 'with', 'on', 'via', 'using']);

/** The words of a name in lower case; initials with a plural (`IDs`) are one word. */
export function wordsOf(name: string): string[] {
  return words(
    name.replace(/([A-Z])([A-Z]+)s(?![a-z])/g, (_, first: string, rest: string) => `${first}${rest.toLowerCase()}s`),
  ).map((word) => word.toLowerCase());
}

/** Words as one phrase; empty for none. */
export function joinPhrase(list: readonly string[]): string {
  return [...list.slice(0, -1), singularOf(list.at(-1) ?? '')].join(' ');
}

export function phraseOf(name: string): string {
  return joinPhrase(wordsOf(name));
}

/** What a type is, by its name: `SimpleUser`, `UserResponse`, `UserWithRoles` and `UserDtoV2` are all a `user`. Never empty. */
export function typePhrase(name: string): string {
  const all = wordsOf(name);
  const more = all.findIndex((word, at) => at > 0 && (word === 'with' || word === 'by'));
  let list = more > 0 ? all.slice(0, more) : all;
  const isForm = (word: string, forms: ReadonlySet<string>): boolean =>
    VERSION.test(word) || forms.has(singularOf(word));
  while (list.length > 1 && isForm(list.at(-1) ?? '', FORMS_BEHIND)) list = list.slice(0, -1);
  while (list.length > 1 && isForm(list[0] ?? '', FORMS_IN_FRONT)) list = list.slice(1);
  return joinPhrase(list);
}

/** What an operation answers, by its name: the words of `BatchGetStockAt` without verbs and without what follows a preposition. */
export function operationWords(name: string): string[] {
  const list = wordsOf(name);
  const start = list.findIndex((word) => !VERBS.has(word));
  const rest = start < 0 ? [] : list.slice(start);
  const end = rest.findIndex((word, at) => at > 0 && PREPOSITIONS.has(word));
  return end < 0 ? rest : rest.slice(0, end);
}

/** Whether the last words of `phrase` are those of `end`. */
export function endsWithPhrase(phrase: string, end: string): boolean {
  return end !== '' && (phrase === end || phrase.endsWith(` ${end}`));
}

/** A phrase as a sentence has it: `an order`. */
export function withArticle(phrase: string): string {
  return `${/^[aeio]/.test(phrase) ? 'an' : 'a'} ${phrase}`;
}
