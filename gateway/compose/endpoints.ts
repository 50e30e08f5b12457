/** Where a source is called. */
import type { Policy } from '../config/policy.ts';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';

/**
 * The endpoints that the team names, else the contract's own server, its variables filled in by `endpoints.variables` and else by
 * their defaults (OpenAPI 3.1 §4.8.6). Empty where nobody names one.
 *
 * @param transport arguments of the source's `@transport`
 * @throws GatewayError SOURCE_UNAVAILABLE when a variable has no place or no such value; the message says which it has
 */
export function endpointsOf(
  transport: Readonly<Record<string, unknown>>,
  { policy, endpoints }: { policy: Policy; endpoints: readonly string[] },
): readonly string[] {
  const source = String(transport['subgraph']);
  const refuse = (message: string): GatewayError => new GatewayError('SOURCE_UNAVAILABLE', { source, message });
  const given = Object.entries(policy.endpoints.variables);
  if (endpoints.length > 0 && given.length > 0)
    throw refuse(
      `endpoints.variables is for the contract's own server, and an endpoint is named: leave one of them out.`,
    );
  if (endpoints.length > 0) return endpoints;
  const { url, variables } = templateOf(transport['options']);
  let filled = url;
  for (const [name, value] of given) {
    const variable = variables.find((each) => each['name'] === name);
    const known = variables.map((each) => String(each['name'])).join(', ') || 'none';
    if (!variable)
      throw refuse(`endpoints.variables has ${name}, which the contract's server does not: it has ${known}.`);
    const { values } = variable;
    if (Array.isArray(values) && !values.includes(value))
      throw refuse(`endpoints.variables.${name} must be one of ${values.slice(0, 20).join(', ')}.`);
    filled = filled.replaceAll(`{${name}}`, () => value);
  }
  for (const { name, default: value } of variables)
    if (typeof value === 'string') filled = filled.replaceAll(`{${String(name)}}`, () => value);
  const location = typeof transport['location'] === 'string' ? [transport['location']] : [];
  if (url === '') return location;
  const [open] = /\{[^{}]+\}/.exec(filled) ?? [];
  if (open !== undefined)
    throw refuse(`The contract's server has no value for ${open}: set it in endpoints.variables.`);
  return [filled];
}

type Template = { url: string; variables: Record<string, unknown>[] };

function templateOf(options: unknown): Template {
  const server = isRecord(options) ? options['server'] : undefined;
  if (!isRecord(server) || typeof server['url'] !== 'string') return { url: '', variables: [] };
  const variables = Array.isArray(server['variables']) ? server['variables'].filter(isRecord) : [];
  return { url: server['url'], variables };
}
