/** The source as a wish would have it: what is uploaded over what is there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../refusal.ts';
import { likeBefore, mergeEntry, withHandler } from './entry.ts';
import type { Source } from './standing.ts';
import type { Upload } from './types.ts';
import { arrangeUpload, checkPath, isOurs, readFiles, type UploadOptions, writeFiles } from './upload.ts';
import { checkVariables } from './variables.ts';

export type PrepareOptions = UploadOptions & { variables: readonly string[] };

/**
 * Puts an upload over what is there.
 * @throws Refusal or GatewayError BAD_REQUEST that says what to change
 */
export async function prepare(
  name: string,
  upload: Upload,
  before: Source | undefined,
  options: PrepareOptions,
): Promise<Source> {
  const { contract, policy, joins, endpoint, metadata } = upload;
  checkVariables(
    name,
    { 'policy.yaml': policy ?? '', endpoint: endpoint ?? '', metadata: Object.values(metadata ?? {}).join(' ') },
    options.variables,
  );
  const files = new Map([...(before?.files ?? [])].filter(([path]) => contract === undefined || isOurs(path)));
  let entry = before?.entry;
  let notes: Source['notes'] = [];
  if (contract) {
    const brought = await bringContract(name, { ...likeBefore(before?.entry, upload), contract }, options);
    entry = mergeEntry(brought.entry, before?.entry);
    notes = brought.notes;
    for (const [path, content] of brought.files) files.set(path, content);
  } else if (entry && (endpoint !== undefined || metadata))
    entry = withHandler(entry, { endpoint, metaData: metadata });
  if (!entry) throw new Refusal('invalid', `${name} is new: bring its contract (files, url or reflection).`);
  if (policy !== undefined) files.set('policy.yaml', Buffer.from(policy));
  if (joins !== undefined) files.set('joins.graphql', Buffer.from(joins));
  for (const [path, content] of upload.files ?? []) files.set(checkPath(path), content);
  return { entry, files, notes };
}

async function bringContract(
  name: string,
  upload: Upload & { contract: NonNullable<Upload['contract']> },
  options: PrepareOptions,
): Promise<Source> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-upload-'));
  const [arriving, laidOut] = [join(folder, 'in'), join(folder, 'out')];
  try {
    await writeFiles(arriving, new Map(), options.maxBytes);
    await writeFiles(laidOut, new Map(), options.maxBytes);
    const { layout, entry } = await arrangeUpload(name, upload, arriving, options);
    await layout.write(laidOut);
    return { entry, files: await readFiles(laidOut, options.maxBytes), notes: layout.notes ?? [] };
  } catch (error) {
    // Where an upload lies for a moment says nothing to who sent it.
    if (error instanceof Error) error.message = error.message.replaceAll(`${arriving}/`, '');
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
