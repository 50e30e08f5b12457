import type protobuf from 'protobufjs';
import { camelCase, words } from '../../lib/names.ts';

export type MethodKind = 'query' | 'mutation';

/** First words of methods that read, after what Google's API improvement proposals (AIP-131, 132, 136, 231) and common practice use. */
const READING = new Set([
  ...['get', 'list', 'search', 'find', 'query', 'read', 'fetch', 'lookup', 'count', 'check', 'describe', 'range'],
  ...['exists', 'show', 'watch', 'status', 'version', 'stat', 'info', 'hash'],
]);

/**
 * Query or mutation: the declared idempotency level first, then the verbs of the HTTP rule, then the method's name. POST says
 * nothing, since gateways use it for reads with a body; a method that can be got reads, however else it is bound.
 */
export function methodKind(method: protobuf.Method): { kind: MethodKind; guessed: boolean } {
  const level = method.options?.['idempotency_level'];
  if (level === 'NO_SIDE_EFFECTS') return { kind: 'query', guessed: false };
  if (level === 'IDEMPOTENT') return { kind: 'mutation', guessed: false };
  const verbs = String(method.options?.['http_verbs'] ?? '').split(' ');
  if (verbs.includes('get')) return { kind: 'query', guessed: false };
  if (verbs.some((verb) => verb !== '' && verb !== 'post')) return { kind: 'mutation', guessed: false };
  const said = words(method.name).map((word) => word.toLowerCase());
  const [first = '', second = ''] = said;
  const reads = READING.has(first === 'batch' ? second : first) || said.at(-1) === 'get';
  return { kind: reads ? 'query' : 'mutation', guessed: true };
}

/**
 * Names a method can have as a root field, best first. One word says nothing alone (`Check` of the health service), so its service
 * stands in front of it; where a name is taken, service and then package do.
 *
 * @param service full name of the service
 */
export function fieldNames(service: string, method: string): string[] {
  const path = service.split('.');
  const own = words(path.at(-1) ?? '');
  const bare = own.length > 1 && own.at(-1)?.toLowerCase() === 'service' ? own.slice(0, -1) : own;
  const said = words(method);
  const repeats = said.length === 1 && said[0]?.toLowerCase() === bare.at(-1)?.toLowerCase();
  const withService = camelCase([...bare, ...(repeats ? [] : said)].join(' '));
  const names = said.length > 1 ? [camelCase(method), camelCase([...own, ...said].join(' '))] : [withService];
  for (let from = path.length - 2; from >= 0; from -= 1) {
    names.push(camelCase([...path.slice(from, -1), withService].join(' ')));
  }
  return [...new Set(names)];
}
