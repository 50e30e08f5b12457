/** The links of a contract (OpenAPI 3.1 §4.8.20): which operation an answer leads to, and what that one is asked with. */
import { isRecord } from '../../lib/json.ts';
import { LinkFault, NOT_SERVED, noteOf } from '../link-fault.ts';
import type { Link, LinkValue, Note } from '../wire.ts';
import type { ContractOperation, Walkable } from './operations.ts';
import { pointerTokens } from './refs.ts';
import { pointerPart } from './types/site.ts';

export type CollectedLinks = { links: Link[]; notes: Note[] };

const MAX_LINKS = 2000;
const MAX_NAME = 100;
const MAX_TOLD = 100;
const MAX_DEPTH = 10;

/** Every link of an answer that is served, from one served operation to another; what cannot be followed is noted. */
export function collectLinks({ resolve }: Walkable, operations: readonly ContractOperation[]): CollectedLinks {
  const found: CollectedLinks = { links: [], notes: [] };
  const served = new Map(operations.map((operation) => [`${operation.http.method} ${operation.http.path}`, operation]));
  for (const operation of operations) {
    const { responses } = operation.written;
    for (const [status, written] of Object.entries(isRecord(responses) ? responses : {})) {
      const response = follow(written, resolve);
      const links = isRecord(response) && isRecord(response['links']) ? Object.entries(response['links']) : [];
      for (const [name, link] of links) {
        const pointer = `${operation.pointer}/responses/${status}/links/${pointerPart(name)}`;
        if (found.links.length + found.notes.length >= MAX_LINKS) return found;
        try {
          const from = { ...wireOf(operation), ...otherStatus(operation, status) };
          found.links.push(readLink({ name, pointer, value: follow(link, resolve) }, from, served));
        } catch (error) {
          found.notes.push(noteOf(pointer, error));
        }
      }
    }
  }
  return found;
}

function follow(value: unknown, resolve: Walkable['resolve']): unknown {
  if (!isRecord(value) || typeof value['$ref'] !== 'string') return value;
  const target = resolve(value['$ref']);
  return target.found ? target.value : undefined;
}

/** @throws LinkFault for an answer that is no success with a body */
function otherStatus({ answer }: ContractOperation, status: string): { status?: string } {
  const choice = [answer, ...answer.others].find((each) => each.status === status);
  if (!choice) throw new LinkFault(NOT_SERVED);
  return choice.site === answer.site ? {} : { status };
}

type Served = ReadonlyMap<string, ContractOperation>;

function readLink(
  { name, pointer, value }: { name: string; pointer: string; value: unknown },
  from: Link['from'],
  served: Served,
): Link {
  if (!isRecord(value)) throw new LinkFault('it cannot be read');
  if (name.length > MAX_NAME) throw new LinkFault(`its name is longer than ${MAX_NAME} characters`);
  const target = targetOf(value, served);
  if (target.http.kind !== 'query') throw new LinkFault('it leads to an operation that is no query');
  const parameters = Object.entries(isRecord(value['parameters']) ? value['parameters'] : {});
  const body = value['requestBody'];
  const { description } = value;
  return {
    name,
    pointer,
    from,
    to: wireOf(target),
    parameters: parameters.map(([key, given]) => [key, readValue(given, from.path, 0)]),
    ...(body === undefined ? {} : { body: readValue(body, from.path, 0) }),
    ...(typeof description === 'string' && description.trim() !== '' ? { description: description.trim() } : {}),
  };
}

function wireOf({ http }: ContractOperation): Link['to'] {
  return { method: http.method, path: http.prefix + http.path };
}

function targetOf({ operationId, operationRef }: Record<string, unknown>, served: Served): ContractOperation {
  if (typeof operationRef === 'string') {
    const [paths, path = '', method = '', ...more] =
      (operationRef.startsWith('#') ? pointerTokens(operationRef.slice(1)) : undefined) ?? [];
    const target = paths === 'paths' && more.length === 0 ? served.get(`${method.toUpperCase()} ${path}`) : undefined;
    if (target) return target;
    throw new LinkFault(`${operationRef.slice(0, MAX_TOLD)} is no operation that is served`);
  }
  const [target, second] = [...served.values()].filter(({ written }) => written['operationId'] === operationId);
  if (typeof operationId !== 'string') throw new LinkFault('it names no operation');
  if (!target) throw new LinkFault(`${operationId.slice(0, MAX_TOLD)} is no operation that is served`);
  if (second) throw new LinkFault(`${operationId.slice(0, MAX_TOLD)} is the name of several operations`);
  return target;
}

/** A runtime expression (OpenAPI 3.1 §4.8.20.4), or a value as it stands. */
function readValue(value: unknown, path: string, depth: number): LinkValue {
  if (depth > MAX_DEPTH) throw new LinkFault('its values are nested too deep');
  if (typeof value === 'number' || typeof value === 'boolean') return { constant: value };
  if (typeof value === 'string') return readText(value, path);
  if (!isRecord(value)) throw new LinkFault('it gives a value that is neither text nor number');
  return { object: Object.entries(value).map(([key, inner]) => [key, readValue(inner, path, depth + 1)]) };
}

function readText(text: string, path: string): LinkValue {
  const expression = /^\{(\$[^{}]*)\}$/.exec(text)?.[1] ?? text;
  if (!expression.startsWith('$')) {
    // A template of joins, or an expression with text around it.
    if (/\{(\$|root\.|args\.)/.test(text)) throw new LinkFault('it puts text and values together');
    return { constant: text };
  }
  const [, fragment] = /^\$response\.body#(\/.*)$/s.exec(expression) ?? [];
  const tokens = fragment === undefined ? undefined : pointerTokens(fragment);
  if (tokens) return { path: tokens };
  const [, place, name = ''] = /^\$request\.(path|query)\.(.+)$/s.exec(expression) ?? [];
  if (place === 'query' || (place === 'path' && identifies(path, name))) return { path: [name] };
  throw new LinkFault(`${expression.slice(0, MAX_TOLD)} is not known from the answer alone`);
}

/**
 * Whether a parameter says what is answered: of `/orders/{id}` the answer's own `id`, of `/orders/{id}/customer` that of another.
 */
function identifies(path: string, name: string): boolean {
  const [, last = ''] = /((?:\/\{[^{}]+\})*)\/?$/.exec(path) ?? [];
  return last.includes(`{${name}}`);
}
