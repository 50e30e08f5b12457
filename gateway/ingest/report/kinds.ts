/** Whether an operation reads or writes, where only the contract can tell: by the method of HTTP, or by the words of a name. */
import { words } from '../../lib/names.ts';
import type { KindGuess } from '../wire.ts';

/** First words of names that read, after what Google's API improvement proposals (AIP-131, 132, 136, 231) and common practice use. */
const READING = new Set([
  ...['get', 'list', 'search', 'find', 'query', 'read', 'fetch', 'lookup', 'count', 'check', 'describe', 'range'],
  ...['exists', 'show', 'watch', 'status', 'version', 'stat', 'info', 'hash'],
]);
/** First words of names that write (AIP-133, 134, 135), though they be sent by GET. */
const WRITING = new Set([
  ...['create', 'update', 'delete', 'remove', 'add', 'set', 'reset', 'send', 'cancel', 'restart', 'logout'],
  ...['revoke', 'enable', 'disable', 'clear', 'purge', 'approve', 'reject', 'unsubscribe'],
]);
/** Those that are things as well, so that only a method's name says it by them. */
const DOING = new Set([
  ...['start', 'stop', 'insert', 'put', 'post', 'patch', 'upsert', 'write', 'register', 'publish', 'apply', 'grant'],
  ...['upload', 'import', 'move', 'rename', 'copy', 'archive', 'restore', 'lock', 'unlock', 'kill', 'pause', 'resume'],
  ...['commit', 'undelete'],
]);
/** What the path of a POST that reads ends in: `/search`, `/orders:batchGet`, `/attestations/bulk-list`. */
const READING_PATH = /(^|[-_:.])(search|query|find|lookup|list|get|count|batch-?get)$/i;
/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** What a name says: `ListOrders`, `batch_get` and `StockGet` read, `BatchCreate` writes; undefined where it tells neither. */
export function kindOfName(name: string): 'query' | 'mutation' | undefined {
  const said = words(name).map((word) => word.toLowerCase());
  const verb = (said[0] === 'batch' ? said[1] : said[0]) ?? '';
  if (READING.has(verb) || said.at(-1) === 'get') return 'query';
  return WRITING.has(verb) || DOING.has(verb) ? 'mutation' : undefined;
}

/** A REST operation as it is guessed. */
export type Guessable = {
  field: string;
  /** In capitals. */
  method: string;
  path: string;
  operationId: unknown;
};

/** Query or mutation by the method; weak where the name or the end of the path speaks for the other. */
export function guessByMethod({ field, method, path, operationId }: Guessable): KindGuess {
  const kind = SAFE.has(method) ? 'query' : 'mutation';
  // Ids are often written behind the group they belong to: `actions/list-artifacts`.
  const own = typeof operationId === 'string' ? (operationId.split(/[/.:#]/).at(-1) ?? '') : '';
  if (kind === 'query') {
    const verb = words(own)[0]?.toLowerCase() ?? '';
    const weak = WRITING.has(verb);
    return { field, kind, why: weak ? `${method}, though it says "${verb}"` : method, weak };
  }
  const said = kindOfName(own) ?? (READING_PATH.test(path.split('/').at(-1) ?? '') ? 'query' : undefined);
  const weak = method === 'POST' && said === 'query';
  return { field, kind, why: weak ? `${method}, though it sounds like reading` : method, weak };
}

/** The guesses that are most likely wrong come first. */
export function sortGuesses(guesses: readonly KindGuess[]): KindGuess[] {
  return [...guesses].sort((a, b) => Number(b.weak) - Number(a.weak) || (a.field < b.field ? -1 : 1));
}
