/** Revisions as the text that stores keep: JSON with the hash of what it holds, so that a damaged one is known. */
import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import { contentHash } from '../../lib/hash.ts';
import { damaged, isHash } from './blob.ts';
import type { Revision } from './store.ts';

const hash = z.string().refine(isHash);
const count = z.int().min(1);
/** Of what the project folder has there is no bundle, and version 0. */
const bundleOrNone = z.union([hash, z.literal('')]);
const time = z.number().min(0);

// Loose: what a newer gateway knows more about a source has to survive a change that an older one makes.
const schema = z.looseObject({
  number: count,
  at: time,
  by: z.string(),
  what: z.enum(['add', 'update', 'withdraw', 'rollback', 'hold', 'promote', 'drop-held', 'state']),
  source: z.string(),
  reason: z.string().optional(),
  bundle: hash.optional(),
  state: z.enum(['active', 'deprecated', 'quarantined', 'withdrawn']).optional(),
  forced: z.literal(true).optional(),
  unified: hash.optional(),
  sources: z.record(
    z.string(),
    z.looseObject({
      bundle: bundleOrNone,
      version: z.int().min(0),
      state: z.enum(['active', 'deprecated', 'quarantined', 'withdrawn']),
      owner: z.string().optional(),
      overTree: z.string().optional(),
      held: z.looseObject({ bundle: hash, version: count, reason: z.string(), at: time }).optional(),
      versions: z.array(z.looseObject({ version: count, bundle: hash, at: time, by: z.string() })),
    }),
  ),
});

const FRAME = /^\{"sha256":"([0-9a-f]{64})","revision":(\{.*\})\}\n$/s;

/** @throws GatewayError INTERNAL for what is no revision: it would stand there forever */
export function encodeRevision(revision: Revision): { hash: string; text: string } {
  const checked = schema.safeParse(revision);
  if (!checked.success) throw new GatewayError('INTERNAL', { cause: checked.error });
  const inner = JSON.stringify(revision);
  const sum = contentHash(Buffer.from(inner));
  return { hash: sum, text: `{"sha256":"${sum}","revision":${inner}}\n` };
}

/**
 * @param place where the text stands, for people: `revisions/000000000012.json`
 * @throws GatewayError INTERNAL that names the place when the text is not what was written, or was written by a gateway of another version
 */
export function decodeRevision(text: string, number: number, place: string): Revision {
  const [, sum, inner = ''] = FRAME.exec(text) ?? [];
  if (sum === undefined || contentHash(Buffer.from(inner)) !== sum) throw damaged(place);
  const value: unknown = JSON.parse(inner);
  const checked = schema.safeParse(value);
  if (!checked.success || checked.data.number !== number) {
    const message = `${place} of the registry was written by a gateway of another version: run the same version everywhere.`;
    throw new GatewayError('INTERNAL', { message, cause: checked.error });
  }
  return value as Revision;
}

/** The hashes of all blobs that a revision refers to. */
export function blobsOf({ sources, bundle, unified }: Revision): Set<string> {
  const hashes = new Set([bundle, unified].filter((each) => each !== undefined));
  for (const entry of Object.values(sources)) {
    if (entry.bundle !== '') hashes.add(entry.bundle);
    if (entry.held) hashes.add(entry.held.bundle);
    for (const version of entry.versions) hashes.add(version.bundle);
  }
  return hashes;
}
