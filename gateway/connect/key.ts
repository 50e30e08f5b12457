/** When two calls are the same to their upstream: their keys hold everything they send that may shape the answer. */
import { sha256 } from '../lib/hash.ts';
import type { Call, CallKey } from './connector.ts';

/**
 * Headers that tell who asks for what reason and how much time is left, and never what is asked: they differ with every request
 * and would keep equal calls apart. What the gateway adds under these names, or passes on from the client, is no part of a key;
 * arguments, credentials, what the operator sets and what the client calls otherwise are, under whatever name they are sent.
 */
export const NOT_ANSWER_SHAPING: ReadonlySet<string> = new Set([
  ...['x-request-id', 'x-request-timeout-ms', 'x-correlation-id', 'traceparent', 'tracestate', 'b3', 'x-b3-traceid'],
  ...['x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags', 'uber-trace-id', 'x-cloud-trace-context'],
  'x-amzn-trace-id',
]);

/** Whether a header of the client's may shape the answer: `from` is what the client calls it, `to` what it is sent under. */
export function mayShape(from: string, to: string): boolean {
  return !NOT_ANSWER_SHAPING.has(to) || !NOT_ANSWER_SHAPING.has(from);
}

/** Longer texts are told apart by their hash. */
const LONGEST_TEXT = 4096;
/** Arguments nested more deeply are not compared. */
const MAX_DEPTH = 64;

export type KeyRequest = {
  method: string;
  url: string;
  /** Those that may shape the answer; secrets of the policy as their hash. */
  headers: ReadonlyMap<string, string>;
  body: string | Buffer | undefined;
};

/** The key of an HTTP request. Operations are kept apart: the same bytes may be read in another way. */
export function httpKey(operation: string, { method, url, headers, body }: KeyRequest): CallKey & { http: object } {
  // Neither names nor values of headers can hold a line break, nor can an encoded URL: no two requests make the same text.
  const head = `${operation} ${method} ${url}\n${headerLines(headers)}\n`;
  const text =
    body === undefined ? shorten([head]) : typeof body === 'string' ? shorten([head, body]) : sha256([head, body]);
  return { text, http: { method, url, headers } };
}

/**
 * The key of a call that is no HTTP request: what its request is made from; undefined when an argument cannot be compared.
 *
 * @param headersOf gives those that may shape the answer; secrets of the policy as their hash
 * @param wire stands for where the call goes and how its answer is read
 */
export function argumentsKey(
  call: Call,
  headersOf: (call: Call) => ReadonlyMap<string, string>,
  wire = '',
): CallKey | undefined {
  const args = canonical(call.args, 0);
  const variables = canonical(call.selection ? [call.selection.text, [...call.selection.variables]] : null, 0);
  if (args === undefined || variables === undefined) return undefined;
  return { text: shorten([`${call.operation} ${wire}\n${headerLines(headersOf(call))}\n`, args, variables]) };
}

function headerLines(headers: ReadonlyMap<string, string>): string {
  let lines = '';
  for (const [name, value] of headers) lines += `${name}:${value}\n`;
  return lines;
}

function shorten(parts: readonly string[]): string {
  const text = parts.join('\n');
  return text.length > LONGEST_TEXT ? sha256(parts) : text;
}

/** A text that only equal values have; undefined for what is no value (uploads, functions) and what is nested too deeply. */
function canonical(value: unknown, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return undefined;
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return 'null';
  if (value instanceof Date) return `D${value.getTime()}`;
  if (value instanceof Uint8Array) return `B${Buffer.from(value).toString('base64')}`;
  const isList = Array.isArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isList && prototype !== Object.prototype && prototype !== null) return undefined;
  const parts: string[] = [];
  const entries = isList ? value.map((inner: unknown) => ['', inner] as const) : sorted(value);
  for (const [name, inner] of entries) {
    const text = canonical(inner, depth + 1);
    if (text === undefined) return undefined;
    parts.push(isList ? text : `${JSON.stringify(name)}:${text}`);
  }
  return isList ? `[${parts.join()}]` : `{${parts.join()}}`;
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
