/**
 * Credentials by what the contract says: its security schemes tell how a secret is sent, its requirements by which operations
 * (OpenAPI 3.1 §4.8.27, §4.8.30). Of the alternatives of an operation the first counts that there are secrets for; an
 * operation that none are there for is sent without.
 */
import type { ContractSecrets } from '../../config/auth.ts';
import { GatewayError } from '../../errors.ts';
import type { ConnectorOptions } from '../connector.ts';
import {
  type ContractSecurity,
  type Requirements,
  readRequirements,
  type SecurityScheme,
} from './contract-security.ts';
import type { CredentialDeps, Credentials } from './credentials.ts';
import { layHeaders } from './lay-headers.ts';
import { createFromScheme, placeOf } from './scheme.ts';

/** What the contract of the source has to do with it. */
export type ContractDeps = Pick<ConnectorOptions, 'security' | 'operations' | 'endpoints' | 'policy'>;

/**
 * @throws GatewayError SOURCE_UNAVAILABLE when a secret has no use or the contract would send it elsewhere; the message says what to
 *   change
 */
export function create(secrets: ContractSecrets, deps: CredentialDeps & { contract: ContractDeps }): Credentials {
  const { source, contract } = deps;
  const { security = { schemes: [], requirements: [] }, operations } = contract;
  // Every call shows it, whatever else is sent.
  const hasCertificate = contract.policy.tlsMaterial?.cert !== undefined;
  const schemes = new Map(security.schemes.map((scheme) => [scheme.name, scheme]));
  for (const name of Object.keys(secrets)) if (!schemes.has(name)) throw unknownScheme(source, name, security);
  const chosen = new Map(
    operations.map(({ name, wire }) => {
      const wanted = readRequirements(wire['security']) ?? security.requirements;
      return [name, choose(wanted, schemes, secrets, hasCertificate)] as const;
    }),
  );
  const used = new Set([...chosen.values()].flat());
  const unused = Object.keys(secrets).filter((name) => !used.has(name));
  if (operations.length > 0 && used.size === 0) throw unusedSecrets(source, unused);
  const made = new Map<string, Credentials>();
  for (const [name, secret] of Object.entries(secrets)) {
    const scheme = schemes.get(name);
    const scopes = scopesOf(name, security, operations);
    if (scheme) made.set(name, createFromScheme(scheme, secret, { ...deps, endpoints: contract.endpoints, scopes }));
  }
  const of = (operation: string): Credentials[] =>
    (chosen.get(operation) ?? []).flatMap((name) => made.get(name) ?? []);
  const byOperation = new Map(operations.map(({ name }) => [name, of(name)]));
  const queries = new Map([...byOperation].map(([name, list]) => [name, queryOf(list)]));

  return {
    headersFor: async (call) => {
      const list = byOperation.get(call.operation) ?? [];
      return (await Promise.all(list.map((each) => each.headersFor(call)))).reduce(layHeaders, NO_HEADERS);
    },
    keyFor: (call) =>
      (byOperation.get(call.operation) ?? []).map((each) => each.keyFor(call)).reduce(layHeaders, NO_HEADERS),
    query: '',
    queryOf: (operation) => queries.get(operation) ?? '',
    // All are told: any of them may have a token to drop.
    rejected: (call, sent) =>
      (byOperation.get(call.operation) ?? []).map((each) => each.rejected(call, sent)).includes(true),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...made.values()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

const NO_HEADERS: ReadonlyMap<string, string> = new Map();

/** The first alternative that there are secrets for and whose schemes can stand beside each other. */
function choose(
  wanted: Requirements,
  schemes: ReadonlyMap<string, SecurityScheme>,
  secrets: ContractSecrets,
  hasCertificate: boolean,
): readonly string[] {
  const isCertificate = (scheme: string): boolean => schemes.get(scheme)?.type === 'mutualTLS';
  const sent = wanted
    .map((requirement) => requirement.map(({ scheme }) => scheme))
    .find((names) => {
      const isThere = (name: string): boolean => (isCertificate(name) ? hasCertificate : Object.hasOwn(secrets, name));
      if (names.length === 0 || !names.every(isThere)) return false;
      const places = names.filter((name) => !isCertificate(name)).map((name) => placeOf(schemes.get(name)));
      return new Set(places).size === places.length;
    });
  return sent?.filter((name) => !isCertificate(name)) ?? [];
}

/** All scopes that operations ask of a scheme: one token serves all of them. */
function scopesOf(
  name: string,
  { requirements }: ContractSecurity,
  operations: ConnectorOptions['operations'],
): string[] {
  const all = operations.flatMap(({ wire }) => readRequirements(wire['security']) ?? requirements).flat();
  return [...new Set(all.flatMap(({ scheme, scopes }) => (scheme === name ? scopes : [])))].sort();
}

function queryOf(list: readonly Credentials[]): string {
  return list
    .map(({ query }) => query)
    .filter((query) => query !== '')
    .join('&');
}

function unknownScheme(source: string, name: string, { schemes }: ContractSecurity): GatewayError {
  const known = schemes.map((scheme) => scheme.name).slice(0, 20);
  const has = known.length === 0 ? 'none' : known.join(', ');
  return new GatewayError('SOURCE_UNAVAILABLE', {
    source,
    message: `auth.fromContract names ${name}, which is no security scheme of the contract: it has ${has}.`,
  });
}

function unusedSecrets(source: string, names: readonly string[]): GatewayError {
  return new GatewayError('SOURCE_UNAVAILABLE', {
    source,
    message: `No operation of the contract asks for ${names.join(', ')} alone or together with other secrets of auth.fromContract: use auth.apiKey, auth.basic or auth.bearer.`,
  });
}
