/** What requests of the API of sources carry. */
import { z } from 'zod';
import type { Manner, Upload } from '../../registry/registrar/types.ts';
import { SOURCE_KINDS } from '../../registry/source-kinds.ts';

const text = z.string().min(1).max(10_000);
const fileText = z.string().max(67_108_864);

const manner = {
  dryRun: z.boolean().optional().describe('Only says what would come of it.'),
  force: z.boolean().optional().describe('Makes the change although it breaks operations in use; needs a reason.'),
  reason: z.string().min(1).max(1000).optional().describe('Why; stands in the audit.'),
  acceptJoins: z.boolean().optional().describe('Writes the proposed joins into joins.graphql.'),
  keepRemoved: z.boolean().optional().describe('Keeps what the contract dropped, deprecated and still mapped.'),
  failUnder: z.number().min(0).max(100).optional().describe('Least score of the import report.'),
  hold: z.boolean().optional().describe('Keeps the version without serving it, until it is promoted.'),
};

const files = z
  .record(z.string().min(1).max(500), fileText)
  .describe('Text of files by relative path; contents of files that are no text begin with "base64:".');

const contract = z
  .union([
    z.strictObject({ files, main: z.string().min(1).max(500).describe('Path of the contract among the files.') }),
    z.strictObject({ url: z.string().min(1).max(2048).describe('Where to fetch the contract, once.') }),
    z.strictObject({
      reflection: z.string().min(1).max(2048).describe('A gRPC server that describes itself, host:port.'),
    }),
  ])
  .describe('The contract.');

const upload = {
  kind: z.enum(SOURCE_KINDS).optional().describe('Without it the ending of the file tells.'),
  endpoint: z.string().min(1).max(2048).optional().describe('Where the service is: a URL, or host:port for gRPC.'),
  policy: z.string().max(1_048_576).optional().describe('Text of policy.yaml.'),
  joins: z.string().max(1_048_576).optional().describe('Text of joins.graphql.'),
  metadata: z.record(z.string().min(1).max(200), text).optional().describe('Metadata of gRPC calls.'),
  files: files.optional().describe('Other files of the source, such as certificates.'),
};

export const addBody = z.strictObject({
  name: z.string().min(1).max(63).describe('Name of the source.'),
  contract,
  ...upload,
  ...manner,
});
export const updateBody = z.strictObject({ contract: contract.optional(), ...upload, ...manner });
export const rollbackBody = z.strictObject({
  version: z.int().min(0).optional().describe('0 is the working tree’s; without it the version before.'),
  ...manner,
});
export const mannerBody = z.strictObject(manner);
export const stateBody = z.strictObject({
  state: z.enum(['active', 'deprecated', 'quarantined']),
  reason: z.string().min(1).max(500).optional(),
});

type AnyBody = z.output<typeof updateBody>;

/** The upload a body carries. */
export function uploadOf({ kind, endpoint, policy, joins, metadata, contract, files }: AnyBody): Upload {
  return defined({
    kind,
    endpoint,
    policy,
    joins,
    metadata,
    contract: contract && 'files' in contract ? { files: bytesOf(contract.files), main: contract.main } : contract,
    files: files && bytesOf(files),
  });
}

export function mannerOf(body: z.output<typeof mannerBody>): Manner {
  const { dryRun, force, reason, acceptJoins, keepRemoved, failUnder, hold } = body;
  return defined({ dryRun, force, reason, acceptJoins, keepRemoved, failUnder, hold });
}

function bytesOf(texts: Readonly<Record<string, string>>): Map<string, Buffer> {
  const bytes = (value: string): Buffer =>
    value.startsWith('base64:') ? Buffer.from(value.slice(7), 'base64') : Buffer.from(value);
  return new Map(Object.entries(texts).map(([path, value]) => [path, bytes(value)]));
}

/** Without the keys that hold nothing. */
function defined<T extends Record<string, unknown>>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
