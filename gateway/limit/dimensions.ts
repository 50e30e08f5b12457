/** What budgets are kept by, read from an operation: nothing of it is a text that a caller can make up as it likes. */
import type { ConcurrencyLimitConfig, Dimension, RateLimitConfig } from '../config/rate-limits.ts';
import type { RequestContext } from '../context.ts';
import { clientBlock } from '../lib/client-block.ts';
import { sha256 } from '../lib/hash.ts';

export type LimitRule = RateLimitConfig | ConcurrencyLimitConfig;
export type Asked = Pick<RequestContext, 'peer' | 'path' | 'principal' | 'headers' | 'operation' | 'price'>;

/** All names and versions that a rule does not know. */
const OTHER = '(other)';

/** Whether a rule holds for an operation. */
export function holds({ match, apiVersionHeader }: LimitRule, asked: Asked): boolean {
  const { principal, operation, price, headers } = asked;
  const { kinds, principals, tenants, roles, operationNames, sources, paths, apiVersions } = match;
  return (
    isIn(kinds, principal.kind) &&
    isIn(principals, principal.id) &&
    isIn(tenants, principal.tenant) &&
    (roles === undefined || roles.some((role) => principal.roles.includes(role))) &&
    isIn(operationNames, operation?.name) &&
    (sources === undefined || sources.some((source) => price?.bySource.has(source) === true)) &&
    isIn(paths, plainPath(asked.path)) &&
    isIn(apiVersions, headers.get(apiVersionHeader))
  );
}

function isIn<T>(list: readonly T[] | undefined, value: T | undefined): boolean {
  return list === undefined || (value !== undefined && list.includes(value));
}

/**
 * Which of a rule's budgets an operation is charged to: one, or one for each source it uses where the rule keeps them apart.
 *
 * @returns names for the store; empty where the operation lacks what the rule goes by
 */
export function budgetsOf(
  rule: LimitRule,
  asked: Asked,
): { readonly key: string; readonly source: string | undefined }[] {
  const values: [Dimension, string][] = [];
  for (const dimension of rule.by) {
    if (dimension === 'source') continue;
    const value = dimensionOf(dimension, rule, asked);
    if (value === undefined) return [];
    values.push([dimension, value]);
  }
  if (!rule.by.includes('source')) return [{ key: keyOf(rule.name, values), source: undefined }];
  const used = [...(asked.price?.bySource.keys() ?? [])].filter((source) => isIn(rule.match.sources, source));
  return used.map((source) => ({ key: keyOf(rule.name, [...values, ['source', source]]), source }));
}

/** Budgets of the same values stand in one slot of a Cluster, whatever their rules: most operations then need one script. */
function keyOf(rule: string, values: readonly (readonly [Dimension, string])[]): string {
  return `${slotOf(values)}:${rule}`;
}

/** What the key of a budget begins with. */
export function slotOf(values: readonly (readonly [Dimension, string])[]): string {
  return `{${sha256(values.flat()).slice(0, 32)}}`;
}

function dimensionOf(dimension: Exclude<Dimension, 'source'>, rule: LimitRule, asked: Asked): string | undefined {
  const { principal, operation, headers, peer, path } = asked;
  switch (dimension) {
    case 'principal':
      return principalKey(principal);
    case 'apiKey':
      return principal.kind === 'key' ? principal.id : undefined;
    case 'tenant':
      return principal.tenant;
    case 'ip':
      return clientBlock(peer.address);
    case 'operationName':
      return known(rule.known.operationNames, operation?.name);
    case 'path':
      return plainPath(path);
    case 'apiVersion':
      return known(rule.known.apiVersions, headers.get(rule.apiVersionHeader));
    case 'anonymous':
      return principal.kind === 'anonymous' ? '' : undefined;
  }
}

/** Ids of two kinds of principals may be equal texts. */
export function principalKey({ kind, id }: RequestContext['principal']): string {
  return `${kind}:${id}`;
}

function known(names: readonly string[] | undefined, name: string | undefined): string {
  return name !== undefined && names?.includes(name) === true ? name : OTHER;
}

function plainPath(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
