/** Whom a proxy in front has identified. What it says is only asked for where the http stage has found that it is one. */
import type { TrustedProxyConfig } from '../config/identity.ts';
import type { Principal } from '../context.ts';
import { createPrincipal } from './principal.ts';
import type { Refuse } from './refusal.ts';

/** Longest text of one header. */
const MAX_TEXT = 8192;

/** Reads the headers of a trusted proxy; undefined where it has identified nobody. @throws GatewayError UNAUTHENTICATED */
export type IdentifyProxied = (headers: ReadonlyMap<string, string>) => Principal | undefined;

export function createProxied(names: TrustedProxyConfig['headers'], refuse: Refuse): IdentifyProxied {
  return (headers) => {
    const text = (name: string | undefined): string => (name === undefined ? '' : (headers.get(name) ?? '').trim());
    const [subject, tenant, roles, scopes] = [names.id, names.tenant, names.roles, names.scopes].map(text);
    if (subject === undefined || subject === '') return undefined;
    if ([subject, tenant, roles, scopes].some((each = '') => each.length > MAX_TEXT))
      throw refuse({ description: 'The proxy says more than can be read' });
    return createPrincipal({
      kind: 'proxy',
      prefix: 'proxy:',
      subject,
      tenant: tenant === '' ? undefined : tenant,
      roles: divided(roles, ','),
      scopes: divided(scopes, ' '),
    });
  };
}

function divided(text = '', by: string): string[] {
  return text
    .split(by)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
