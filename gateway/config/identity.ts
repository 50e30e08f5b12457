/** Key `identity` of `gateway.yaml`: which proofs of identity are understood, and what becomes of who shows none. */
import { z } from 'zod';
import { isNetwork } from '../lib/networks.ts';
import { granted, keyRecords } from './api-keys.ts';
import { headerName } from './headers.ts';
import { onePlace, onePlaceFault, redisKeys } from './redis.ts';
import { introspection, jwt } from './tokens.ts';

const milliseconds = (least: number, most: number) => z.int().min(least).max(most);

const apiKeys = z
  .strictObject({
    header: headerName.default('x-api-key').describe('Header that holds the key.'),
    keys: keyRecords.default([]).describe('Keys that stand here, as hashes.'),
    file: z.string().min(1).max(4096).optional().describe('File with keys, from the project folder.'),
    refreshMs: milliseconds(100, 3_600_000)
      .default(5000)
      .describe('How often the file is looked at, in ms: what was taken out is refused by then.'),
    redis: z
      .strictObject({
        ...redisKeys({ prefix: 'tributary:{keys}:', timeoutMs: 250 }),
        keepMs: milliseconds(0, 3_600_000).default(5000).describe('How long an answer of Redis is used again, in ms.'),
        keepStaleMs: milliseconds(0, 86_400_000)
          .default(60_000)
          .describe('How long it is used while Redis cannot be reached, in ms.'),
      })
      .refine(onePlace, onePlaceFault)
      .optional()
      .describe('Keys in Redis, for all replicas: looked up where a key stands neither here nor in the file.'),
  })
  .refine(({ keys, file, redis }) => keys.length > 0 || file !== undefined || redis !== undefined, {
    error: 'needs keys, file or redis: without them no key would ever be accepted',
  });

const mtls = z.strictObject({
  id: z
    .enum(['commonName', 'dnsName', 'uri', 'fingerprint'])
    .default('commonName')
    .describe('What of the certificate names the principal: of several names the first.'),
  clients: z
    .array(z.strictObject({ id: z.string().min(1).max(2048).describe('The name in the certificate.'), ...granted }))
    .max(10_000)
    .default([])
    .describe('What is granted to whom. Where anybody stands here, certificates of others are refused.'),
});

const trustedProxy = z.strictObject({
  addresses: z
    .array(z.string().refine(isNetwork, { error: 'must be an address or a network, written 10.0.0.0/8' }))
    .min(1)
    .max(1000)
    .describe('Who is believed: addresses that connect to the gateway, or networks of them.'),
  headers: z
    .strictObject({
      address: headerName
        .optional()
        .describe('Header with the addresses a request came through, as x-forwarded-for has them.'),
      certificate: headerName
        .optional()
        .describe('Header with the client’s certificate: client-cert (RFC 9440), or URL-encoded PEM.'),
      id: headerName.optional().describe('Header with the id of whom the proxy has identified.'),
      tenant: headerName.optional().describe('Header with the tenant.'),
      roles: headerName.optional().describe('Header with the roles, divided by commas.'),
      scopes: headerName.optional().describe('Header with the scopes, divided by spaces.'),
    })
    .prefault({})
    .describe('What it says in which header. From everybody else these headers mean nothing.'),
});

export const identity = z
  .strictObject({
    anonymous: z.boolean().default(true).describe('Whether operations are taken from who shows no proof of identity.'),
    realm: z
      .string()
      .regex(/^[\w .:/-]{1,100}$/, 'must hold nothing but letters, digits, spaces and . _ : / -')
      .default('tributary')
      .describe('What WWW-Authenticate calls the gateway.'),
    maxCached: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe('Most tokens, and most keys of Redis, whose principal is remembered.'),
    apiKeys: apiKeys.optional().describe('Keys in a header.'),
    jwt: z.array(jwt).max(20).default([]).describe('Issuers of JWTs, each with its keys.'),
    introspection: introspection.optional().describe('Tokens of which only the authorization server knows (RFC 7662).'),
    mtls: mtls.optional().describe('Certificates of clients, on a port with listen.tls or passed on by a proxy.'),
    trustedProxy: trustedProxy.optional().describe('A proxy in front that is believed.'),
  })
  .superRefine(({ jwt: issuers, introspection: server }, context) => {
    const names = new Set<string>();
    const prefixes = new Set<string>();
    for (const [index, { issuer, idPrefix }] of issuers.entries()) {
      const fault = (key: string, message: string): void =>
        void context.addIssue({ code: 'custom', path: ['jwt', index, key], message });
      if (names.has(issuer)) fault('issuer', 'is an issuer that stands here already');
      if (prefixes.has(idPrefix)) fault('idPrefix', 'is that of another issuer: ids of both would be mixed up');
      names.add(issuer);
      prefixes.add(idPrefix);
    }
    if (server && issuers.length > 1 && prefixes.has(server.idPrefix)) {
      const message = 'is that of an issuer of JWTs, of which there are several';
      context.addIssue({ code: 'custom', path: ['introspection', 'idPrefix'], message });
    }
  })
  .prefault({})
  .describe('Which proofs of identity are understood.');

export type IdentityConfig = z.output<typeof identity>;
export type ApiKeysConfig = z.output<typeof apiKeys>;
export type MtlsConfig = z.output<typeof mtls>;
export type TrustedProxyConfig = z.output<typeof trustedProxy>;
