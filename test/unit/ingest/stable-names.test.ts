/** In which order a contract says something changes no name and no text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { read, readAll } from './kit.ts';
import { shuffleOpenapi, shuffleProto } from './shuffle.ts';

const root = join(import.meta.dirname, '../../..');
const SEEDS = [1, 2, 3];

describe('a contract in another order gives the same text, byte by byte', () => {
  it.each([
    'sources/orders/openapi.yaml',
    'test/contracts/openapi/discriminators.yaml',
    'test/contracts/openapi/duplicate-operation-ids.yaml',
    'test/contracts/openapi/swagger-2.yaml',
  ])('%s', async (file) => {
    const document = parse(readFileSync(join(root, file), 'utf8')) as Record<string, unknown>;
    const orders = [document, ...SEEDS.map((seed) => shuffleOpenapi(document, seed))].map((each) =>
      JSON.stringify(each),
    );
    expect(new Set(orders).size).toBeGreaterThan(SEEDS.length / 2);
    const texts = await readEach(orders.map((text) => ({ 'openapi.json': text })));
    expect(new Set(texts).size).toBe(1);
  });

  it('security schemes, which are asked for by name', async () => {
    const schemes = { b: { type: 'http', scheme: 'basic' }, a: { type: 'apiKey', in: 'header', name: 'x-key' } };
    const paths = { '/x': { get: { operationId: 'x', responses: { 204: { description: 'done' } } } } };
    const contract = (securitySchemes: unknown): string =>
      JSON.stringify({ openapi: '3.0.3', info: { title: 't', version: '1' }, paths, components: { securitySchemes } });
    const texts = await readEach([
      { 'openapi.json': contract(schemes) },
      { 'openapi.json': contract({ a: schemes.a, b: schemes.b }) },
    ]);
    expect(texts[0]).toContain('schemes: [{name: "a"');
    expect(texts[1]).toBe(texts[0]);
  });

  it.each(['sources/inventory/inventory.proto', 'test/contracts/together/depot.proto'])('%s', async (file) => {
    const proto = readFileSync(join(root, file), 'utf8');
    const orders = [proto, ...SEEDS.map((seed) => shuffleProto(proto, seed))];
    expect(new Set(orders).size).toBe(orders.length);
    const texts = await readEach(orders.map((text) => ({ 'api.proto': text })));
    expect(new Set(texts).size).toBe(1);
  });

  it('names that collide in a .proto give way by their full names', async () => {
    const message = (name: string): string => `message ${name} { string id = 1; message Line { string sku = 1; } }`;
    const service = 'service S { rpc Get(Order) returns (Order_Line); rpc GetLine(Order.Line) returns (OrderLine); }';
    const blocks = [message('Order'), message('Order_Line'), message('OrderLine'), service];
    const proto = `syntax = "proto3"; package p;\n${blocks.join('\n')}`;
    const texts = await readEach(
      [proto, ...SEEDS.map((seed) => shuffleProto(proto, seed))].map((text) => ({ 'a.proto': text })),
    );
    expect(new Set(texts).size).toBe(1);
    const { report } = await read({ files: { 'a.proto': proto } });
    expect(report.renamed.map(({ from, to }) => `${from} is ${to}`)).toEqual([
      'OrderLine is OrderLine2',
      'OrderLine is OrderLine3',
    ]);
  });
});

/** The texts of contracts that are read in one run, under one name each but for the name. */
async function readEach(contracts: readonly Readonly<Record<string, string>>[]): Promise<string[]> {
  const named = contracts.map((files, index) => [`api${index}`, { files }] as const);
  const results = await readAll(Object.fromEntries(named));
  return named.map(([name]) => {
    const result = results.get(name);
    if (result === undefined || result instanceof Error) throw result ?? new Error('nothing came back');
    return `${result.text.replaceAll(`"${name}"`, '"api"').replace(` ${name} `, ' api ')}${JSON.stringify(Object.entries(result.names.operations).sort())}`;
  });
}
