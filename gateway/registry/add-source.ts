import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Proposal } from '../compose/propose/proposal.ts';
import { GatewayError } from '../errors.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { type Arrangement, arrange, type Brought } from './arrange.ts';
import type { Builder } from './builder.ts';
import type { Impact } from './impact.ts';
import type { Layout } from './layout.ts';
import { dropEntry, findEntry, putEntry } from './meshrc-text.ts';
import { likeBefore, mergeEntry } from './registrar/entry.ts';
import { type Source, treeSource } from './registrar/standing.ts';
import { isOurs, writeFiles } from './registrar/upload.ts';
import type { SourceKind } from './source-kinds.ts';
import { applyChange, type Change } from './stage.ts';

const MAX_FOLDER_BYTES = 268_435_456;

export type AddSource = Omit<Brought, 'builder'> & {
  builder?: Builder | undefined;
  dir: string;
  dryRun: boolean;
  /** Writes the proposed joins into the source's `joins.graphql`. */
  acceptJoins?: boolean;
  /** Least score of the import report, from 0 to 100: nothing is written for a lower one. */
  failUnder?: number;
};

export type SourceBrought = {
  name: string;
  kind: SourceKind;
  /** False where the import scores less than it has to: nothing was written. */
  accepted: boolean;
  report: ImportReport;
  /** What changes for clients, against the committed schema; absent where there is none. */
  impact?: Impact;
  proposedJoins: readonly Proposal[];
  acceptedJoins: readonly string[];
  files: string[];
};

/**
 * Brings a contract into the project: the source's folder, its entry in `.meshrc.yaml` (comments kept) and `schemas/`.
 * Nothing is written when the contract cannot be read or does not fit.
 * @throws GatewayError BAD_REQUEST that says what to change
 */
export async function addSource(options: AddSource): Promise<SourceBrought> {
  const arrangement = await arrange(options);
  const { name, entry } = arrangement;
  if (await stat(join(options.dir, 'sources', name)).catch(() => undefined))
    throw new GatewayError('BAD_REQUEST', {
      message: `sources/${name} is there already: choose another name (--name), or bring it up to date with \`source update\`.`,
    });
  return await bring(options, arrangement, (sources, document) => {
    if (findEntry(sources, name))
      throw new GatewayError('BAD_REQUEST', {
        message: `.meshrc.yaml has a source ${name} already: choose another name (--name).`,
      });
    sources.add(document.createNode(entry));
  });
}

/** Gives a source of the project another contract; its policy, its joins and all else that its team wrote stay. */
export async function updateSource(options: AddSource & { name: string }): Promise<SourceBrought> {
  const { dir, name } = options;
  const before = await treeSource(dir, name, MAX_FOLDER_BYTES);
  if (!before) throw new GatewayError('BAD_REQUEST', { message: `.meshrc.yaml has no source ${name}.` });
  const arrangement = await arrange({ ...options, ...likeBefore(before.entry, options) });
  const entry = mergeEntry(arrangement.entry, before.entry);
  return await bring(
    options,
    arrangement,
    (sources, document) => {
      putEntry(sources, document, { ...entry, name });
    },
    before,
  );
}

async function bring(
  { dir, env, dryRun, builder, acceptJoins = false, failUnder = 0 }: AddSource,
  { name, kind, layout }: Arrangement,
  edit: Change['edit'],
  before?: Source,
): Promise<SourceBrought> {
  const { accepted, reports, impact, proposals, joins } = await applyChange({
    dir,
    env,
    source: name,
    dryRun,
    builder,
    write: async (folder) => {
      if (!before) return await writeFolder(folder, name, kind, layout);
      await writeFiles(folder, new Map([...before.files].filter(([path]) => isOurs(path))), MAX_FOLDER_BYTES);
      await layout.write(folder);
    },
    edit,
    wishes: { propose: name, acceptJoins },
    accept: ({ reports: made }) => made.every(({ source, score }) => source !== name || score >= failUnder),
  });
  const report = reports.find(({ source }) => source === name);
  if (!report) throw new GatewayError('INTERNAL');
  report.notes.unshift(...(layout.notes ?? []));
  const own = before ? [layout.main] : [layout.main, 'policy.yaml', 'joins.graphql', 'README.md'];
  return {
    name,
    kind,
    accepted,
    report,
    ...(impact ? { impact } : {}),
    proposedJoins: proposals,
    acceptedJoins: joins === undefined ? [] : proposals.map(({ type, field }) => `${type}.${field}`),
    files: own.map((file) => `sources/${name}/${file}`),
  };
}

/** Takes a source out of the project. Joins of others that lead to it are faults, and nothing is changed. */
export async function removeSource({
  dir,
  env,
  name,
  dryRun,
  builder,
}: Pick<AddSource, 'dir' | 'env' | 'dryRun' | 'builder'> & { name: string }): Promise<void> {
  await applyChange({
    dir,
    env,
    source: name,
    dryRun,
    builder,
    edit: (sources) => {
      if (!findEntry(sources, name))
        throw new GatewayError('BAD_REQUEST', { message: `.meshrc.yaml has no source ${name}.` });
      dropEntry(sources, name);
    },
  });
}

/** The folder of a new source, with the files its team may fill in. */
export async function writeFolder(folder: string, name: string, kind: SourceKind, layout: Layout): Promise<void> {
  await mkdir(folder, { recursive: true });
  await layout.write(folder);
  await writeFile(join(folder, 'policy.yaml'), POLICY);
  await writeFile(join(folder, 'joins.graphql'), JOINS);
  await writeFile(
    join(folder, 'README.md'),
    `# ${name}\n\n- Owner: (team and how to reach it)\n- Contract: \`${layout.main}\` (${kind})\n- Environments: (where it runs)\n- Oddities: (what callers should know)\n`,
  );
}

const POLICY = `# How the gateway treats this source. Every key is optional.
# owner: team-name
# deadlineMs: 2000
`;

const JOINS = `# Fields that types of this source gain by asking another source. They only add; what exists stays in the contract.
#
# extend type Order {
#   customer: Customer
#     @resolveTo(sourceName: "customers", sourceTypeName: "Query", sourceFieldName: "customers",
#       requiredSelectionSet: "{ customerId }", keyField: "customerId", keysArg: "ids", valueKeyField: "id")
# }
`;
