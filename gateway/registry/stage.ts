import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document, YAMLSeq } from 'yaml';
import type { Proposal } from '../compose/propose/proposal.ts';
import type { Environment } from '../config/env.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { buildTree } from './build.ts';
import type { Builder } from './builder.ts';
import type { Impact } from './impact.ts';
import type { BuildAnswer, BuildWishes } from './job.ts';
import { linkTree, namesIn } from './link-tree.ts';
import { editSources, MESHRC } from './meshrc-text.ts';
import { PUBLIC_FILE, writeAtomic } from './schemas.ts';
import { readText } from './tree.ts';

/** A change of the working tree that is tried beside it first. */
export type Change = {
  dir: string;
  env: Environment;
  source: string;
  /** Writes the source's folder below the staging tree; absent when the source is removed. */
  write?: (folder: string) => Promise<void>;
  /** Changes the list of sources. */
  edit: (sources: YAMLSeq, document: Document) => void;
  dryRun: boolean;
  builder?: Builder | undefined;
  /** What is wanted beside the texts. */
  wishes?: BuildWishes;
  /** Whether what came of the build is good enough; nothing is changed where it is not. */
  accept?: (answer: BuildAnswer) => boolean;
};

/** What came of a change. */
export type Changed = {
  accepted: boolean;
  reports: ImportReport[];
  /** Files below `schemas/`. */
  written: string[];
  /** What changes for clients; undefined where there is no committed schema to compare with. */
  impact: Impact | undefined;
  proposals: readonly Proposal[];
  /** `joins.graphql` with the proposed joins, where they were accepted. */
  joins: string | undefined;
};

/**
 * Builds the tree with the change in a folder beside it, and only when that went well changes the tree itself: a contract that
 * cannot be read leaves nothing half-written.
 * @throws GatewayError with what is wrong
 */
export async function applyChange(change: Change): Promise<Changed> {
  const { dir, env, source, wishes = {} } = change;
  const staging = await mkdtemp(join(tmpdir(), 'tributary-stage-'));
  try {
    await linkTree(dir, staging, new Set([source]));
    const meshrc = editSources((await readText(join(dir, MESHRC))) ?? 'sources: []\n', change.edit);
    await writeAtomic(join(staging, MESHRC), meshrc);
    const folder = join(staging, 'sources', source);
    await change.write?.(folder);
    const served = await readText(join(dir, 'schemas', PUBLIC_FILE));
    const against = served === undefined ? {} : { against: { publicText: served, operations: [] } };
    const { answer, written } = await buildTree({
      dir: staging,
      env,
      write: true,
      wishes: { ...wishes, ...against },
      builder: change.builder,
    });
    const accepted = change.accept?.(answer) ?? true;
    const { reports, impact, proposals = [], joins } = answer;
    if (joins !== undefined) await writeAtomic(join(folder, 'joins.graphql'), joins);
    if (!change.dryRun && accepted) await adopt(change, staging, meshrc);
    return { accepted, reports, written, impact, proposals, joins };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function adopt(change: Change, staging: string, meshrc: string): Promise<void> {
  const folder = join(change.dir, 'sources', change.source);
  await mkdir(join(change.dir, 'schemas'), { recursive: true });
  const built = await readdir(join(staging, 'schemas'));
  for (const name of built)
    await writeAtomic(join(change.dir, 'schemas', name), await readFile(join(staging, 'schemas', name), 'utf8'));
  // Folder and list come last and together: a gateway that watches them finds all of the change, or none of it.
  if (change.write) {
    await mkdir(join(change.dir, 'sources'), { recursive: true });
    const arriving = join(change.dir, `.arriving-${change.source}`);
    await rm(arriving, { recursive: true, force: true });
    await cp(join(staging, 'sources', change.source), arriving, { recursive: true });
    // What stood there goes aside first: a folder cannot be renamed over another.
    const leaving = join(change.dir, `.leaving-${change.source}`);
    await rm(leaving, { recursive: true, force: true });
    await rename(folder, leaving).catch(() => undefined);
    await rename(arriving, folder);
    await rm(leaving, { recursive: true, force: true });
  }
  await writeAtomic(join(change.dir, MESHRC), meshrc);
  for (const name of await namesIn(join(change.dir, 'schemas'))) {
    if (name.endsWith('.graphql') && !built.includes(name)) await rm(join(change.dir, 'schemas', name));
  }
  if (!change.write) await rm(folder, { recursive: true, force: true });
}
