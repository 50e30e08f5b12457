/** Records of API keys, as `gateway.yaml` and key files hold them: what a key may do, and hashes of its secrets. */
import { z } from 'zod';

const name = z.string().min(1).max(256);
/** A scope (RFC 6749 §3.3): no spaces, no quotes. */
export const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'must be a scope: no spaces and no quotes');
export const role = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc},]+$/u, 'must be a role: no commas and no control characters');

/** What is granted to whom a proof belongs to. */
export const granted = {
  tenant: name.optional().describe('Tenant that the principal belongs to.'),
  roles: z.array(role).max(200).default([]).describe('Roles of the principal.'),
  scopes: z.array(scope).max(200).default([]).describe('Scopes of the principal.'),
  claims: z
    .record(name, z.union([z.string().max(1024), z.number(), z.boolean()]))
    .default({})
    .describe('What else rules may compare, by name: `customer: cus_0001`.'),
};

const moment = z.iso
  .datetime({ offset: true, error: 'must be a moment, written 2027-01-31T00:00:00Z' })
  .transform((text) => Date.parse(text));

const secret = z.strictObject({
  hash: z
    .string()
    .regex(/^sha256\/[0-9a-f]{64}$/, 'must be sha256/ and 64 hex digits: `tributary key create` prints it')
    .describe('The key as a hash: sha256/<hex>.'),
  expiresAt: moment.optional().describe('When this secret stops working.'),
});

export const keyRecord = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,127}$/, 'must begin with a letter or digit and hold letters, digits and . _ - only')
    .describe('Who the key belongs to: the same before and after its secret is replaced.'),
  name: name.optional().describe('For people.'),
  ...granted,
  secrets: z
    .array(secret)
    .min(1)
    .max(2)
    .describe('Hashes of the key: two while one replaces the other (`tributary key rotate`).'),
});

/** Moments in ms since the epoch. */
export type KeyRecord = z.output<typeof keyRecord>;

/** A record as files and Redis hold it. */
export function writeRecord(record: KeyRecord): z.input<typeof keyRecord> {
  const secrets = record.secrets.map(({ hash, expiresAt }) => ({
    hash,
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
  }));
  return { ...record, secrets };
}

export const keyRecords = z
  .array(keyRecord)
  .max(100_000)
  .superRefine((records, context) => {
    const ids = new Set<string>();
    const hashes = new Set<string>();
    for (const [index, { id, secrets }] of records.entries()) {
      if (ids.has(id)) context.addIssue({ code: 'custom', path: [index, 'id'], message: 'is the id of another key' });
      ids.add(id);
      for (const [at, { hash }] of secrets.entries()) {
        const path = [index, 'secrets', at, 'hash'];
        if (hashes.has(hash)) context.addIssue({ code: 'custom', path, message: 'is the hash of another key' });
        hashes.add(hash);
      }
    }
  });

/** A file of keys: `keys:` and nothing else. */
export const keyFile = z.strictObject({ keys: keyRecords.default([]).describe('The keys.') });
