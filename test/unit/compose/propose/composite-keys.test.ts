/** Keys of several parts. */
import { describe, expect, it } from 'vitest';
import { propose, shown } from './kit.ts';

const LINE = 'type Line { productId: String, shopId: String }';
const STOCK = 'type Stock { productId: String, shopId: String, pieces: Int }';
const PAIR = 'input Pair { productId: String, shopId: String }';

describe('a key of several parts', () => {
  it('is asked in bulk where an operation takes a list of them', () => {
    const reads = {
      'v1.Depot/BatchGetStock': 'batchGetStock(input: Pairs): Stocks',
      'v1.Depot/GetStock': 'getStock(input: Pair): Stock',
    };
    const types = `${LINE} ${STOCK} ${PAIR} input Pairs { keys: [Pair!] } type Stocks { stocks: [Stock!] }`;
    const proposals = propose({ depot: { reads, types } });
    expect(shown(proposals)).toEqual(['Line.stock: Stock <- depot.batchGetStock(input.keys)']);
    expect(proposals[0]?.sdl).toContain(
      [
        '      keyFields: ["productId", "shopId"]',
        '      keysArg: "input.keys"',
        '      keysArgFields: ["productId", "shopId"]',
        '      valueKeyFields: ["productId", "shopId"]',
        '      result: "stocks"',
      ].join('\n'),
    );
  });

  it('is asked one by one where there is no other way', () => {
    const reads = { 'v1.Depot/GetStock': 'getStock(input: Pair): Stock' };
    const [proposal] = propose({ depot: { reads, types: `${LINE} ${STOCK} ${PAIR}` } });
    expect(proposal).toMatchObject({ field: 'stock', bulk: false, target: { keysArg: 'input' } });
  });

  it('stands in a path', () => {
    const reads = { 'GET /projects/{project_id}/issues/{issue_id}': 'issue(project_id: Int!, issue_id: Int!): Issue' };
    const types = 'type Issue { project_id: Int, issue_id: Int } type Note { project_id: Int, issue_id: Int }';
    const proposals = propose({ forge: { reads, types } });
    expect(shown(proposals)).toEqual(['Note.issue: Issue <- forge.issue(project_id, issue_id)']);
    expect(proposals[0]?.target.keysArg).toBeUndefined();
  });
});

describe('nothing is proposed', () => {
  const reads = { 'v1.Depot/GetStock': 'getStock(input: Pair): Stock' };

  it.each([
    ['where the parent lacks a part', 'type Line { productId: String }', STOCK],
    ['where a part has another type', 'type Line { productId: String, shopId: Int }', STOCK],
    ['where rows lack a part', LINE, 'type Stock { productId: String }'],
    ['where the parent is the thing', 'type StockDetails { productId: String, shopId: String }', STOCK],
    ['where the parent has the thing', 'type Line { productId: String, shopId: String, kept: Stock }', STOCK],
  ])('%s', (_title, line, stock) => {
    expect(propose({ depot: { reads, types: `${line} ${stock} ${PAIR}` } })).toEqual([]);
  });
});
