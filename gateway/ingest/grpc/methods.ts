import type protobuf from 'protobufjs';
import { camelCase, words } from '../../lib/names.ts';
import { kindOfName } from '../report/kinds.ts';
import type { KindGuess } from '../wire.ts';

/**
 * Query or mutation, and why: the declared idempotency level first, then the verbs of the HTTP rule, then the method's name. POST
 * says nothing, since gateways use it for reads with a body; a method that can be got reads, however else it is bound.
 */
export function methodKind(method: protobuf.Method): Omit<KindGuess, 'field'> {
  const level = method.options?.['idempotency_level'];
  if (level === 'NO_SIDE_EFFECTS' || level === 'IDEMPOTENT') {
    const kind = level === 'IDEMPOTENT' ? 'mutation' : 'query';
    return { kind, why: `idempotency_level is ${level}`, weak: false };
  }
  const verbs = String(method.options?.['http_verbs'] ?? '').split(' ');
  if (verbs.includes('get')) return { kind: 'query', why: 'its HTTP rule says GET', weak: false };
  const writing = verbs.find((verb) => verb !== '' && verb !== 'post');
  if (writing !== undefined)
    return { kind: 'mutation', why: `its HTTP rule says ${writing.toUpperCase()}`, weak: false };
  const said = kindOfName(method.name);
  if (said !== undefined) return { kind: said, why: 'its name alone', weak: false };
  return { kind: 'mutation', why: 'its name alone, which does not say that it only reads', weak: true };
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
