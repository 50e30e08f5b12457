/** A schema whose answers are a function of who asks, and with what headers: what an answer holds tells whom it was made for. */

import type { Principal, RequestContext } from '../../../gateway/context.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import { nominatedBy } from '../../../gateway/lib/header-fields.ts';
import { anonymous, type CachedOptions, noteCall } from '../../kit/cached.ts';

export const FORWARDED = ['accept-language', 'x-tenant'];

const SDL = `
type Query {
  open(n: Int): Thing @call @cacheControl(maxAge: 60, staleWhileRevalidate: 60, staleIfError: 60)
  mine(n: Int): Thing @call @cacheControl(maxAge: 60, scope: "PRIVATE", staleWhileRevalidate: 60)
  scoped: Thing @call @cacheControl(maxAge: 60) @requiresScopes(scopes: [["read"]])
  admin: Thing @call @cacheControl(maxAge: 60) @requiresRole(roles: ["admin"])
  owned(of: String): Thing @call @cacheControl(maxAge: 60) @policy(name: "claimEqualsArgument", claim: "sub", argument: "of")
  judged: Thing @call @cacheControl(maxAge: 60)
  said: Thing @call @cacheControl(maxAge: 60)
  failing: Thing @call @cacheControl(maxAge: 60)
}
type Thing @source(subgraph: "shop") { owner: String for: String secret: String @cacheControl(maxAge: 60, scope: "PRIVATE")
  judged: String @policy(name: "claimEqualsField", claim: "sub", field: "owner") }
`;

/** What calls send on, and so what a source can answer by. */
function sent({ headers }: RequestContext): string {
  const nominated = nominatedBy(headers.get('connection'));
  return JSON.stringify(FORWARDED.map((name) => (nominated?.has(name) ? null : (headers.get(name) ?? null))));
}

/** @param onCall told of each call that a source would get */
export function privacyWorld(
  onCall: () => void = () => undefined,
): Pick<CachedOptions, 'sdl' | 'resolvers' | 'forwarded'> {
  const thing = (context: RequestContext, open: string) => {
    onCall();
    return {
      owner: 'a',
      judged: 'for its owner',
      for: open,
      secret: JSON.stringify([context.principal, sent(context)]),
    };
  };
  const all = (context: RequestContext) => JSON.stringify([context.principal, sent(context)]);
  return {
    sdl: SDL,
    forwarded: FORWARDED,
    resolvers: {
      Query: {
        open: (_, { n }, context) => thing(context, `${n} ${sent(context)}`),
        mine: (_, { n }, context) => thing(context, `${n} ${all(context)}`),
        scoped: (_parent, _args, context) => thing(context, sent(context)),
        admin: (_parent, _args, context) => thing(context, sent(context)),
        owned: (_parent, { of }, context) => thing(context, `${of} ${sent(context)}`),
        judged: (_parent, _args, context) => thing(context, sent(context)),
        said(_parent, _args, context) {
          noteCall(context, 'said', { keepMs: 30_000, personal: true });
          return thing(context, all(context));
        },
        failing(_parent, _args, context) {
          if (!sent(context).includes('de')) throw new GatewayError('UPSTREAM_REJECTED');
          return thing(context, sent(context));
        },
      },
    },
  };
}

export const DOCUMENTS = [
  '{ open(n: 1) { for } }',
  'query ($n: Int) { open(n: $n) { for } }',
  '{ open(n: 1) { for secret } }',
  '{ open(n: 1) { for } a: open(n: 2) { for b: secret } }',
  '{ mine { for } }',
  'query ($n: Int) { x: mine(n: $n) { ...F } open(n: 3) { for } } fragment F on Thing { for }',
  '{ scoped { for } }',
  '{ admin { for } open(n: 1) { for } }',
  '{ scoped { for } open(n: 1) { for } }',
  '{ owned(of: "a") { for } }',
  'query ($of: String = "c") { owned(of: $of) { for } }',
  '{ judged { judged } }',
  '{ said { for } }',
  '{ failing { for } open(n: 1) { for } }',
];

/** Principals that differ in one thing each, anonymous among them. */
export const PRINCIPALS: readonly Principal[] = [
  anonymous,
  ...(
    [
      { kind: 'key', id: 'a', roles: [], scopes: [] },
      { kind: 'key', id: 'b', roles: [], scopes: [] },
      { kind: 'jwt', id: 'a', roles: [], scopes: [] },
      { kind: 'key', id: 'a', roles: ['admin'], scopes: [] },
      { kind: 'key', id: 'a', roles: [], scopes: ['read'] },
      { kind: 'jwt', id: 'c', roles: ['admin', 'user'], scopes: ['read', 'write'] },
      { kind: 'jwt', id: 'd', roles: ['user', 'admin'], scopes: ['write', 'read'] },
      { kind: 'jwt', id: 'c', tenant: 't1', roles: ['admin', 'user'], scopes: ['read', 'write'] },
      { kind: 'certificate', id: 'c', tenant: 't2', roles: ['admin', 'user'], scopes: ['read', 'write'] },
      { kind: 'key', id: 'a', tenant: 'admin', roles: [], scopes: ['read admin'] },
      { kind: 'key', id: 'a","roles":["admin"],"x":"', roles: [], scopes: [] },
    ] satisfies Principal[]
  ).map((each): Principal => ({ ...each, claims: { sub: each.id } })),
];
