/** The source as a wish would have it: what is uploaded over what is there. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { variablesIn } from '../../config/document.ts';
import type { Environment } from '../../config/env.ts';
import { arrange } from '../arrange.ts';
import type { ContractBuilder } from '../builder.ts';
import { Refusal } from '../refusal.ts';
import type { LaidUpload } from './change-job.ts';
import { likeBefore, mergeEntry, withHandler } from './entry.ts';
import type { Source } from './standing.ts';
import { isOurs, isPath, MAX_PATH, readFiles } from './upload.ts';
import { variablesOf } from './used-variables.ts';
import { checkVariables, type VariableRules } from './variables.ts';

export type PrepareOptions = {
  env: Environment;
  builder: Pick<ContractBuilder, 'limits' | 'layOut'>;
  /** Most bytes of all files. */
  maxBytes: number;
  /** Which environment variables it may use. */
  variables: VariableRules;
};

/**
 * Puts an upload over what is there.
 * @throws Refusal or GatewayError BAD_REQUEST that says what to change
 */
export async function prepare(
  name: string,
  upload: LaidUpload,
  before: Source | undefined,
  options: PrepareOptions,
): Promise<Source> {
  const { contract, policy, joins, endpoint, metadata } = upload;
  // Before anybody is asked: what is filled in may be sent to who is.
  const said = {
    'policy.yaml': variablesOf(policy ?? ''),
    endpoint: variablesIn(endpoint),
    metadata: Object.values(metadata ?? {}).flatMap(variablesIn),
    reflection: contract && 'reflection' in contract ? variablesIn(contract.reflection) : [],
  };
  await checkVariables(name, said, options.variables);
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
  for (const [path, content] of upload.files === undefined ? [] : await readFiles(upload.files, options.maxBytes))
    files.set(path, content);
  // It may have come among the files.
  const [written, known] = [files.get('policy.yaml'), before?.files.get('policy.yaml')];
  if (written && known?.equals(written) !== true)
    await checkVariables(name, { 'policy.yaml': variablesOf(written.toString('utf8')) }, options.variables);
  return { entry, files, notes };
}

type Bringing = Omit<LaidUpload, 'contract'> & { contract: NonNullable<LaidUpload['contract']> };

async function bringContract(
  name: string,
  { contract, kind, endpoint, metadata }: Bringing,
  { env, builder, maxBytes }: PrepareOptions,
): Promise<Source> {
  const folder = 'folder' in contract ? contract.folder : undefined;
  const laidOut = await mkdtemp(join(tmpdir(), 'tributary-layout-'));
  try {
    const { layout, entry } = await arrange({
      env,
      builder,
      name,
      kind,
      endpoint,
      ...(metadata ? { metadata } : {}),
      ...('reflection' in contract
        ? { contract: '', reflection: contract.reflection }
        : { contract: await mainFile(contract), includeDirs: [contract.folder] }),
    });
    await layout.write(laidOut);
    return { entry, files: await readFiles(laidOut, maxBytes), notes: layout.notes ?? [] };
  } catch (error) {
    // Where an upload lies for a moment says nothing to who sent it.
    if (error instanceof Error && folder !== undefined) error.message = error.message.replaceAll(`${folder}/`, '');
    throw error;
  } finally {
    await rm(laidOut, { recursive: true, force: true });
  }
}

/** @throws Refusal when the file that is named as the contract is not among those that came */
async function mainFile({ folder, main }: { folder: string; main: string }): Promise<string> {
  const file = isPath(main) ? join(folder, main) : undefined;
  const isThere =
    file !== undefined &&
    (await stat(file).then(
      (facts) => facts.isFile(),
      () => false,
    ));
  if (isThere) return file;
  throw new Refusal('invalid', `The upload has no file ${main.slice(0, MAX_PATH)}.`);
}
