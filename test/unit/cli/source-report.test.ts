/** What `source add` and `check` do with the score of a contract. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lowScores } from '../../../gateway/cli/check.ts';
import { runCli } from '../../../gateway/cli/index.ts';
import { describeReport } from '../../../gateway/cli/report-text.ts';
import type { ImportReport } from '../../../gateway/ingest/wire.ts';

const ok = (schema: unknown): unknown => ({ 200: { description: 'ok', content: { 'application/json': { schema } } } });
const note = { type: 'object', properties: { id: { type: 'string' }, text: { type: 'string' } } };
const contract = {
  openapi: '3.0.3',
  info: { title: 'notes', version: '1' },
  servers: [{ url: 'http://127.0.0.1:1' }],
  paths: {
    '/notes': { get: { operationId: 'notes', responses: ok({ type: 'array', items: note }) } },
    '/notes/search': { post: { operationId: 'searchNotes', responses: ok({}) } },
  },
};

describe('a least score', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tributary-score-'));
    await writeFile(join(dir, 'notes.json'), JSON.stringify(contract));
    await writeFile(join(dir, '.meshrc.yaml'), 'sources: []\n');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  // Three builds, each in a process of its own.
  it('keeps a contract out that is below it, and tells why', { timeout: 120_000 }, async () => {
    const added = await run(dir, 'source', 'add', './notes.json', '--fail-under', '95');
    expect(added.code).toBe(1);
    expect(added.out).toMatch(/^notes \(rest\): 2 of 2 operations, .*score 87\.5\n/);
    expect(added.out).toMatch(/Guessed:\n {2}searchNotes is a mutation: POST, though it sounds like reading/);
    expect(added.out).toMatch(/Lists without a limit:\n {2}Query\.notes: GET \/notes answers a list/);
    expect(added.err).toMatch(/score of notes is 87\.5, below --fail-under 95\. Nothing was written/);
    expect((await readdir(dir)).sort()).toEqual(['.meshrc.yaml', 'notes.json']);
    expect(await readFile(join(dir, '.meshrc.yaml'), 'utf8')).toBe('sources: []\n');
  });

  it.each(['95%', '', '101', '-1'])('is a number from 0 to 100, not "%s"', async (given) => {
    expect(await run(dir, 'check', `--fail-under=${given}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--fail-under wants a number from 0 to 100'),
    });
  });
});

const all = (count: number) => ({ all: count, typed: count });
const report: ImportReport = {
  ...{ source: 'shop', kind: 'rest', score: 100, operations: { total: 1, imported: 1 }, types: 1 },
  typed: { answers: all(1), arguments: all(0), fields: all(0) },
  ...{ leftOut: [], fallbacks: [], notes: [], renamed: [] },
  guessed: { count: 1, first: [{ field: 'pets', kind: 'query', why: 'GET', weak: false }] },
};

it('`check` names every source whose score is too low', () => {
  const reports = [report, { ...report, source: 'notes', score: 87.5 }];
  expect(lowScores(reports, 87.5)).toEqual([]);
  expect(lowScores(reports, 90)).toEqual(['sources/notes: its score is 87.5, below --fail-under 90.']);
});

describe('a report for a person', () => {
  it('is one line where there is nothing to look at', () => {
    expect(describeReport(report)).toEqual(['shop (rest): 1 of 1 operations, 1 types, score 100']);
  });

  it('shows the first of many, and says how many more there are', () => {
    const first = Array.from({ length: 100 }, (_, index) => ({ at: `Query.a${index}`, text: 'x' }));
    const none = { count: 0, first: [] };
    const shown = describeReport({
      ...report,
      risks: { unboundedLists: { count: 300, first }, missingIds: none, callsPerKey: none },
      nameChanges: { appeared: none, vanished: none, renamed: { count: 1, first: [{ at: 'A', text: 'was B, is C' }] } },
    });
    expect(shown).toEqual([
      expect.stringContaining('shop'),
      '',
      'Lists without a limit:',
      ...[0, 1, 2, 3, 4].map((index) => `  Query.a${index}: x`),
      '  and 295 more (--json tells more)',
      '',
      'Names that changed:',
      '  A: was B, is C',
    ]);
  });
});

async function run(cwd: string, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const output = { out: '', err: '' };
  const code = await runCli({
    argv,
    env: {},
    cwd,
    isTerminal: false,
    out(text) {
      output.out += text;
    },
    err(text) {
      output.err += text;
    },
    uptimeMs: () => 0,
    onSignal: () => () => undefined,
  });
  return { code, ...output };
}
