import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ComposeSource } from '../../gateway/compose/documents.ts';
import type { Proposal } from '../../gateway/compose/propose/proposal.ts';
import { proposeJoins } from '../../gateway/compose/propose/propose.ts';
import { unify } from '../../gateway/compose/unify.ts';
import { defaultPolicy } from '../../gateway/config/policy.ts';
import { ingest } from '../../gateway/ingest/index.ts';
import { type ContractFile, findIncludeDir } from '../ingest-report/files.ts';

/** What was proposed within one contract. */
export type Reading = {
  readonly file: string;
  readonly proposals: readonly Proposal[];
  /** Milliseconds that proposing took, reading the contract aside. */
  readonly ms: number;
  /** Why the contract was not read, or why its joins do not compose. */
  readonly fault?: string;
};

/** Nothing is called: the discard service will do. */
const NOWHERE = { openapi: 'http://127.0.0.1:9', grpc: '127.0.0.1:9', graphql: 'http://127.0.0.1:9' } as const;
const NAME = 'api';

/** Reads a contract, proposes joins within it and composes it with all of them. Never rejects for what a contract does. */
export async function readProposals(contract: ContractFile, file: string): Promise<Reading> {
  const text = await readText(contract);
  if (text instanceof Error) return { file, proposals: [], ms: 0, fault: text.message };
  const source: ComposeSource = { name: NAME, text, policy: defaultPolicy(), joins: '' };
  const startedAt = performance.now();
  const proposals = proposeJoins({ sources: [source], locked: new Map() });
  const ms = Math.round(performance.now() - startedAt);
  const fault = composeFault({ ...source, joins: proposals.map(({ sdl }) => sdl).join('\n') });
  return { file, proposals, ms, ...(fault === undefined ? {} : { fault }) };
}

function composeFault(source: ComposeSource): string | undefined {
  try {
    unify([source], new Map());
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The source schema of a contract, read from a project folder as the build worker reads one. */
async function readText({ file, kind }: ContractFile): Promise<string | Error> {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-joins-'));
  try {
    const source = kind === 'grpc' ? { file, load: { includeDirs: [await findIncludeDir(file)] } } : file;
    const sources = [{ name: NAME, handler: { [kind]: { source, endpoint: NOWHERE[kind] } } }];
    await writeFile(join(dir, '.meshrc.yaml'), stringify({ sources }));
    const result = (await ingest(dir, [{ name: NAME, hash: '0'.repeat(64) }])).get(NAME);
    if (result === undefined) return new Error('nothing came back');
    return result instanceof Error ? result : result.text;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
