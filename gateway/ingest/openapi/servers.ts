/** Where a contract says its service is: for the whole of it, and for single operations. */
import { isRecord } from '../../lib/json.ts';
import { hasSteps } from '../../lib/url-path.ts';
import type { Note } from '../wire.ts';

/** An address with placeholders, and what may stand in them (OpenAPI 3.1 §4.8.5, §4.8.6). */
export type ServerTemplate = { url: string; variables: ServerVariable[] };
export type ServerVariable = { name: string; default?: string; values?: string[] };

export type Servers = {
  /** Absolute addresses with defaults filled in, best first. */
  addresses: string[];
  /** The one that is called when nobody names another, where it has variables. */
  template: ServerTemplate | undefined;
  notes: Note[];
};

/** Servers that one list may have; the first that fits is taken. */
const MAX_SERVERS = 100;
const MAX_VARIABLES = 20;
const MAX_TOLD = 200;
/** Stands for the address that only who runs the service knows; no name that ends so is ever anybody's (RFC 6761 §6.4). */
const UNKNOWN = 'http://service.invalid';

export function readServers(document: Readonly<Record<string, unknown>>): Servers {
  const all = templates(document['servers']);
  const addresses = all.map(withDefaults).filter(isAbsolute);
  const chosen = chosenOf(all) ?? all.find(({ url }) => /^https?:/.test(url));
  const relative = addresses.length === 0 ? all.findIndex(({ url }) => !/^https?:/.test(url)) : -1;
  const text = 'the address is no whole one: name it in endpoints.static of policy.yaml, with its path';
  return {
    addresses,
    template: chosen && chosen.variables.length > 0 ? chosen : undefined,
    notes: relative < 0 ? [] : [{ pointer: `/servers/${relative}`, text }],
  };
}

/**
 * What stands before the path of an operation that has servers of its own: the part that their path is longer by than the one of
 * the contract's server. Another host is never called on the word of a contract, and what lies beside the server is not below the
 * source's endpoint; then there is a reason why it is left.
 *
 * @param own `servers` of the operation or else of its path
 */
export function serverPrefix(
  document: Readonly<Record<string, unknown>>,
  own: unknown,
): { prefix: string } | { refused: string } {
  const servers = templates(own);
  const [first] = servers;
  if (!first) return { prefix: '' };
  const all = templates(document['servers']);
  const whole = chosenOf(all) ?? all[0];
  const base = urlOf(whole ? withDefaults(whole) : '/', UNKNOWN);
  for (const url of servers.map(withDefaults)) {
    const place = base && !/[{}]/.test(url) ? urlOf(url, base.href) : undefined;
    const prefix = base && place && below(base, place);
    if (prefix !== undefined && !hasSteps(prefix)) return { prefix };
  }
  const told = first.url.slice(0, MAX_TOLD);
  return {
    refused: `it has a server of its own, ${told}, that does not lie below the source's: it is called at the source's`,
  };
}

/** The server that is called when nobody names another: the first whole address. */
function chosenOf(all: readonly ServerTemplate[]): ServerTemplate | undefined {
  return all.find((server) => isAbsolute(withDefaults(server)));
}

/** `/v1/files` below `/v1` is `/files`. */
function below(base: URL, url: URL): string | undefined {
  if (url.origin !== base.origin) return undefined;
  const [from, to] = [base, url].map(({ pathname }) => pathname.replace(/\/{2,}/g, '/').replace(/\/$/, ''));
  if (from === undefined || to === undefined) return undefined;
  return to === from || to.startsWith(`${from}/`) ? to.slice(from.length) : undefined;
}

function urlOf(text: string, base: string): URL | undefined {
  const from = new URL(base);
  // A path without a slash before it goes on where the server's ends, not beside its last step.
  if (!from.pathname.endsWith('/')) from.pathname += '/';
  return URL.canParse(text, from) ? new URL(text, from) : undefined;
}

function templates(servers: unknown): ServerTemplate[] {
  return (Array.isArray(servers) ? servers : []).slice(0, MAX_SERVERS).flatMap((server: unknown): ServerTemplate[] => {
    if (!isRecord(server) || typeof server['url'] !== 'string') return [];
    const { url } = server;
    const variables = isRecord(server['variables']) ? server['variables'] : {};
    const names = [...new Set([...url.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name))].slice(0, MAX_VARIABLES);
    return [{ url, variables: names.map((name) => variableOf(name, variables[name])) }];
  });
}

function variableOf(name: string, said: unknown): ServerVariable {
  const { default: fallback, enum: values } = isRecord(said) ? said : {};
  return {
    name,
    ...(fallback === undefined || fallback === null ? {} : { default: String(fallback) }),
    ...(Array.isArray(values) && values.length > 0 ? { values: values.map(String) } : {}),
  };
}

function withDefaults({ url, variables }: ServerTemplate): string {
  return variables.reduce(
    (text, { name, default: value }) => (value === undefined ? text : text.replaceAll(`{${name}}`, () => value)),
    url,
  );
}

function isAbsolute(url: string): boolean {
  return /^https?:\/\/[^{}]+$/.test(url);
}
