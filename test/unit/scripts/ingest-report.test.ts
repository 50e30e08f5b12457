/** The report on contracts: that it reads those of test/contracts, and that nothing it should see gets past it. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findContracts, findIncludeDir } from '../../../scripts/ingest-report/files.ts';
import { formatRows, summarize } from '../../../scripts/ingest-report/format.ts';
import type { JobAnswer, SourceOutcome } from '../../../scripts/ingest-report/job.ts';
import { judge, judgeTogether, type Row } from '../../../scripts/ingest-report/judge.ts';
import { type Reading, reportOn, reportTogether } from '../../../scripts/ingest-report/main.ts';
import { importsOf, methodsOf } from '../../../scripts/ingest-report/proto.ts';
import { readContracts } from '../../../scripts/ingest-report/read.ts';
import { runJob } from '../../../scripts/ingest-report/run.ts';
import { findClobbered } from '../../../scripts/ingest-report/types.ts';
import { root } from '../../repository.ts';

const contracts = join(root, 'test/contracts');
/** In this process: a process for each would take a minute. */
const inProcess: Reading = { include: [], run: async (job) => ({ ok: true, answer: await readContracts(job) }) };

describe('the contracts of the project', () => {
  it('are all read, and no operation is lost', { timeout: 120_000 }, async () => {
    const rows = await reportOn(await findContracts(['test/contracts'], root), { ...inProcess, from: contracts });
    expect(rows.filter(({ ok }) => !ok).map(({ file, faults }) => [file, ...faults])).toEqual([]);
    const { line } = summarize(rows, 0);
    expect(line).toMatch(
      new RegExp(`^${rows.length}/${rows.length} documents, \\d+/\\d+ operations .*, 0 lost in silence$`),
    );
    expect(rows.length).toBeGreaterThanOrEqual(20);
    const left = rows.filter(({ leftOut }) => leftOut.length > 0).map(({ file }) => file);
    // Only what is broken, or has no answer, stays outside.
    expect(left.filter((file) => !/bad-refs|bodies-and-answers/.test(file))).toEqual([]);
  });

  it('of the same names stand side by side, and none gives way', async () => {
    const found = await findContracts(['test/contracts/together'], root);
    const { ok, lines } = await reportTogether(found, inProcess);
    expect(lines.at(-1)).toMatch(/^4 contracts, \d+ types, [3-9] names shared: none clobbered$/);
    expect(ok).toBe(true);
  });
});

describe('which contracts are meant', () => {
  it('files, folders and globs, each once; parts of others are passed over', async () => {
    const paths = async (...patterns: string[]): Promise<string[]> =>
      (await findContracts(patterns, contracts)).map(({ file }) => file.slice(contracts.length + 1));
    expect(await paths('openapi/multi-file')).toEqual(['openapi/multi-file/openapi.yaml']);
    expect(await paths('**/*.proto', 'together/depot.proto')).toContain('together/depot.proto');
    expect(await paths('together/*.yaml', 'together')).toHaveLength(4);
    expect(await paths('openapi/multi-file/common/types.json')).toEqual(['openapi/multi-file/common/types.json']);
    await expect(findContracts(['nowhere'], contracts)).rejects.toThrow('there is no nowhere');
    await expect(findContracts(['*.nothing'], contracts)).rejects.toThrow('there is no contract in *.nothing');
  });

  it('imports are looked for from the folder in which they are found', async () => {
    expect(await findIncludeDir(join(contracts, 'proto/shop/v1/orders.proto'))).toBe(join(contracts, 'proto'));
    expect(await findIncludeDir(join(contracts, 'proto/shop/v1/common.proto'))).toBe(join(contracts, 'proto/shop/v1'));
  });
});

it('methods of a .proto are those it defines: no comments, no text, no fields that are named alike', () => {
  const text = `
    syntax = "proto3"; package a.b; import public "x/y.proto"; // import "z.proto";
    option note = "service No { rpc No(A) returns (B); }";
    /* service Gone { rpc Gone(A) returns (B); } */
    service One { option deprecated = true; rpc First(A) returns (stream B) { option (x) = { rpc: "y" }; } rpc rpc(A) returns (B); }
    message service { string rpc = 1; message Inner { string service = 1; } }
    service Two{rpc First(.a.b.A)returns(B){}}`;
  expect(methodsOf(text)).toEqual(['a.b.One/First', 'a.b.One/rpc', 'a.b.Two/First']);
  expect(importsOf(text)).toEqual(['x/y.proto']);
});

describe('a row', () => {
  const report = {
    ...{ source: 'api', kind: 'rest', operations: { total: 2, imported: 1 }, types: 3 },
    leftOut: [{ operation: 'GET /b', pointer: '/paths/~1b/get', reason: 'because' }],
    ...{ fallbacks: [], notes: [], renamed: [], guessed: { count: 0, first: [] }, score: 50 },
    typed: { answers: { all: 1, typed: 1 }, arguments: { all: 0, typed: 0 }, fields: { all: 2, typed: 2 } },
  };
  const outcome: SourceOutcome = { name: 'api', report, served: { 'GET /a': 'a' }, rootFields: 1, clobbered: [] };
  const answer: JobAnswer = { sources: [outcome], schemaFaults: [], shared: 0, types: 3, ms: 5, peakMb: 7 };
  const count = { operations: ['GET /a', 'GET /b'], unresolved: [] };
  const of = (
    change: Partial<SourceOutcome>,
    counted: Parameters<typeof judge>[2] = count,
    more: Partial<JobAnswer> = {},
  ): Row =>
    judge('x.yaml', 'openapi', counted, {
      ok: true,
      answer: { ...answer, ...more, sources: [{ ...outcome, ...change }] },
    });

  it('is good when root fields and reported omissions are all operations', () => {
    expect(of({})).toMatchObject({
      ok: true,
      faults: [],
      lost: [],
      operations: { total: 2, imported: 1 },
      ms: 5,
      peakMb: 7,
    });
  });

  it.each<[string, Partial<SourceOutcome>, Parameters<typeof judge>[2], Partial<JobAnswer>, RegExp]>([
    [
      'an operation that nobody speaks of',
      {},
      { ...count, operations: [...count.operations, 'PUT /c'] },
      {},
      /lost in silence: PUT \/c/,
    ],
    ['an operation whose field is not there', { served: {}, rootFields: 0 }, count, {}, /lost in silence: GET \/a/],
    ['a path that leads nowhere', {}, { ...count, unresolved: ['/d'] }, {}, /lost in silence: \/d/],
    ['a root field too many', { rootFields: 2 }, count, {}, /2 root fields and 1 left out are not the 2 operations/],
    [
      'two operations behind one field',
      { served: { 'GET /a': 'a', 'GET /b': 'a' }, rootFields: 2 },
      count,
      {},
      /2 root fields stand for 2/,
    ],
    [
      'a schema that is not valid',
      {},
      count,
      { schemaFaults: ['Type X must define one or more fields.'] },
      /not valid: Type X/,
    ],
    ['a source that cannot be called', { unusable: 'no endpoint' }, count, {}, /cannot be called: no endpoint/],
    ['a changed type', { clobbered: ['Pet.name'] }, count, {}, /Pet\.name is not served/],
    [
      'a document that could not be counted',
      {},
      { operations: [], unresolved: [], fault: 'odd' },
      {},
      /could not be counted: odd/,
    ],
  ])('is bad for %s', (_, change, counted, more, fault) => {
    const row = of(change, counted, more);
    expect(row.ok).toBe(false);
    expect(row.faults.join('\n')).toMatch(fault);
  });

  it('is bad for a refusal and for a process that died, with all operations lost', () => {
    const refused = judge('x.yaml', 'openapi', count, {
      ok: true,
      answer: {
        ...answer,
        sources: [{ name: 'api', refused: 'It is odd.', served: {}, rootFields: 0, clobbered: [] }],
      },
    });
    expect(refused).toMatchObject({ ok: false, faults: ['It is odd.'], lost: count.operations });
    const died = judge('x.yaml', 'openapi', count, { ok: false, fault: 'took longer than 1 s', ms: 1000 });
    expect(died).toMatchObject({ ok: false, faults: ['took longer than 1 s'], lost: count.operations, ms: 1000 });
    const rows = [of({}), died];
    expect(summarize(rows, 10)).toEqual({ line: '1/2 documents, 1/4 operations (25 %), 2 lost in silence', ok: false });
    expect(formatRows(rows)).toMatch(/x\.yaml +0\/2 +0 +2 +0 +1000 +- +0 +0 +- +FAILED/);
  });

  it('counts as loaded for a document that others import and that serves nothing itself', () => {
    const sources = [
      {
        name: 'api',
        refused: 'The contract has no operation that can be served.',
        served: {},
        rootFields: 0,
        clobbered: [],
      },
    ];
    const nothing = { operations: [], unresolved: [] };
    expect(judge('x.proto', 'grpc', nothing, { ok: true, answer: { ...answer, sources } }).ok).toBe(true);
    expect(judge('x.proto', 'grpc', count, { ok: true, answer: { ...answer, sources } }).ok).toBe(false);
  });

  it('is part of a sum that fails when too few operations come in', () => {
    const rows = [of({})];
    expect(summarize(rows, 50).ok).toBe(true);
    expect(summarize(rows, 50.01)).toEqual({
      line: '1/1 documents, 1/2 operations (50 %), 0 lost in silence',
      ok: false,
    });
    expect(summarize([], 0).ok).toBe(false);
  });

  it('of several contracts tells whose part is missing', () => {
    const told = judgeTogether({
      ok: true,
      answer: { ...answer, sources: [{ ...outcome, clobbered: ['Pet'], served: {} }] },
    });
    expect(told.ok).toBe(false);
    expect(told.lines.join('\n')).toMatch(/api: Pet is not served.*\n.*api: 1 operations, 0 in the unified schema/);
  });
});

it('a type that lost a field, or took another’s form, is seen', () => {
  const text =
    'type Query { pet: Pet, size: Size } type Pet { name: String!, tags(of: Int): [String] } enum Size { S, L }';
  const names = {
    types: new Map([['a', new Map([['Pet', 'APet']])]]),
    fields: new Map([['a', new Map([['Query.pet', 'aPet']])]]),
  };
  const whole =
    'type Query { aPet: APet, size: Size } type APet { name: String!, tags(of: Int): [String] } type Pet { x: Int } enum Size { S, L }';
  const see = (publicText: string): string[] => findClobbered({ name: 'a', text }, { publicText, names });
  expect(see(whole)).toEqual([]);
  expect(see(whole.replace('name: String!, ', ''))).toEqual(['Pet.name']);
  expect(see(whole.replace('(of: Int)', ''))).toEqual(['Pet.tags']);
  expect(see(whole.replace('aPet: APet', 'aPet: Pet'))).toEqual(['Query.pet']);
  expect(see(whole.replace('S, L', 'S'))).toEqual(['Size.L']);
  expect(see(whole.replace('APet {', 'BPet {'))).toEqual(['Pet']);
});

describe('a process of its own', () => {
  const job = {
    sources: [{ name: 'api', kind: 'openapi', file: join(contracts, 'openapi/byte-order-mark.json'), includeDirs: [] }],
  } as const;

  it('brings back what was read, and how much memory that took', { timeout: 60_000 }, async () => {
    const result = await runJob(job);
    expect(result).toMatchObject({
      ok: true,
      answer: { schemaFaults: [], sources: [{ served: { 'GET /things': 'listThings' } }] },
    });
    expect(result.ok && result.answer.peakMb).toBeGreaterThan(20);
  });

  it('is ended when it takes too long, which is a result like any other', async () => {
    expect(await runJob(job, { timeoutMs: 1, memoryMb: 512 })).toMatchObject({
      ok: false,
      fault: 'took longer than 0.001 s',
    });
  });
});
