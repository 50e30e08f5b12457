/** Changes of the project folder: ready for review in git. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchDocument } from '../../connect/rest/fetch-document.ts';
import { addSource, removeSource, type SourceBrought, updateSource } from '../../registry/add-source.ts';
import { mainOf } from '../../registry/registrar/upload.ts';
import { failUnder, projectDir, UsageError, type Values } from '../command.ts';
import { type ExitCode, exitCodes, type Io } from '../io.ts';
import { isUrl, mannerOf, type Named, namedContract } from './options.ts';
import { toldText } from './text.ts';

const MAX_FETCHED_BYTES = 67_108_864;
const FETCH_TIMEOUT_MS = 30_000;
const ONLY_GATEWAY = ['force', 'reason', 'keep-removed', 'hold', 'version', 'token'];

export async function addLocally(io: Io, values: Values, contract: string): Promise<ExitCode> {
  checkOptions(values);
  return withContract(namedContract(io, values, contract), async (named) => {
    const { dryRun = false, acceptJoins = false, failUnder: least } = mannerOf(values);
    const added = await addSource({
      ...named,
      dryRun,
      acceptJoins,
      ...(least === undefined ? {} : { failUnder: least }),
    });
    return tell(io, values, added, dryRun);
  });
}

export async function updateLocally(
  io: Io,
  values: Values,
  name: string,
  contract: string | undefined,
): Promise<ExitCode> {
  checkOptions(values);
  if (contract === undefined)
    throw new UsageError(
      'source update wants NAME and CONTRACT; files of the project folder are changed with an editor',
    );
  return withContract({ ...namedContract(io, values, contract), name }, async (named) => {
    const { dryRun = false, acceptJoins = false, failUnder: least } = mannerOf(values);
    const updated = await updateSource({
      ...named,
      name,
      dryRun,
      acceptJoins,
      ...(least === undefined ? {} : { failUnder: least }),
    });
    return tell(io, values, updated, dryRun);
  });
}

export async function removeLocally(io: Io, values: Values, name: string): Promise<ExitCode> {
  checkOptions(values);
  const dryRun = values['dry-run'] === true;
  await removeSource({ dir: projectDir(io, values), env: io.env, name, dryRun });
  if (values['json'] === true) io.out(`${JSON.stringify({ name, dryRun })}\n`);
  else io.out(dryRun ? `${name} could be taken out. Nothing was written (--dry-run).\n` : `${name} was taken out.\n`);
  return exitCodes.ok;
}

function checkOptions(values: Values): void {
  const wrong = ONLY_GATEWAY.find((name) => values[name] !== undefined);
  if (wrong !== undefined)
    throw new UsageError(`--${wrong} goes with --gateway: changes of the project folder are reviewed in git`);
}

/** Fetches a contract that is named by its URL into a folder for the time of the change. */
async function withContract<T>(named: Named, use: (named: Named) => Promise<T>): Promise<T> {
  if (!isUrl(named.contract)) return use(named);
  const document = await fetchDocument({
    source: named.name ?? 'contract',
    url: named.contract,
    refuseInternal: false,
    allowInternal: [],
    maxBytes: MAX_FETCHED_BYTES,
    timeoutMs: FETCH_TIMEOUT_MS,
    now: Date.now,
  });
  const folder = await mkdtemp(join(tmpdir(), 'tributary-fetched-'));
  try {
    const file = join(folder, document.changed ? mainOf(document.url, document.type, named.kind) : 'openapi.yaml');
    await writeFile(file, document.changed ? document.bytes : '');
    if (named.name === undefined) throw new UsageError('a contract from a URL needs --name');
    return await use({ ...named, contract: file });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function tell(io: Io, values: Values, brought: SourceBrought, dryRun: boolean): ExitCode {
  const { accepted, files, report } = brought;
  const written = dryRun ? 'Nothing was written (--dry-run).' : `Written: ${files.join(', ')}, .meshrc.yaml, schemas/`;
  if (values['json'] === true) io.out(`${JSON.stringify({ ...brought, dryRun }, null, 2)}\n`);
  else io.out(`${[...toldText(brought), ...(accepted ? ['', written] : [])].join('\n')}\n`);
  if (accepted) return exitCodes.ok;
  io.err(
    `tributary: the score of ${brought.name} is ${report.score}, below --fail-under ${failUnder(values)}. Nothing was written.\n`,
  );
  return exitCodes.bad;
}
