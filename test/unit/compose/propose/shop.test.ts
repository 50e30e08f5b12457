/** The joins of the example shop, written by hand: all of them are proposed, and whatever else is proposed is right too. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type FieldDefinitionNode, Kind, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { ComposeSource } from '../../../../gateway/compose/documents.ts';
import type { Proposal } from '../../../../gateway/compose/propose/proposal.ts';
import { proposeJoins } from '../../../../gateway/compose/propose/propose.ts';
import { defaultPolicy } from '../../../../gateway/config/policy.ts';
import { directivesNamed } from '../../../../gateway/lib/sdl.ts';
import { readText, root } from '../../../repository.ts';
import { signatures } from '../../ingest/kit.ts';
import { composeWith } from './kit.ts';

const names = readdirSync(join(root, 'sources')).sort();
const written = (name: string): string => readText(`sources/${name}/joins.graphql`);
const sources = (joins: (name: string) => string = () => ''): ComposeSource[] =>
  names.map((name) => ({
    name,
    text: readText(`schemas/${name}.graphql`),
    policy: defaultPolicy(),
    joins: joins(name),
  }));
const proposed = (list: readonly ComposeSource[], added?: string): readonly Proposal[] =>
  proposeJoins({ sources: list, locked: new Map(), ...(added === undefined ? {} : { added }) });

/** What a join does: its field and type, and every argument that says something. */
function meanings(file: string, sdl: string): string[] {
  return parse(sdl).definitions.flatMap((node) =>
    node.kind === Kind.OBJECT_TYPE_EXTENSION
      ? (node.fields ?? []).map((field) => `${file}: ${node.name.value}.${meaning(field)}`)
      : [],
  );
}

function meaning(field: FieldDefinitionNode): string {
  const [args = {}] = directivesNamed(field, 'resolveTo');
  const said = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${field.name.value}: ${print(field.type)} ${JSON.stringify(Object.fromEntries(said))}`;
}

const coordinates = (proposals: readonly Proposal[]): string[] =>
  proposals.map(({ type, field }) => `${type}.${field}`).sort();

/** Right, and written by nobody: a category in a category, and lists by the key of what they belong to. */
const EXTRA = ['Category.parent', 'Category.products', 'Customer.reviews'];

describe('the example shop', () => {
  const all = proposed(sources());

  it('gets every join that was written by hand, argument for argument, and three more', () => {
    const hand = names.flatMap((name) => meanings(name, written(name)));
    const own = all.flatMap(({ source, sdl }) => meanings(source, sdl));
    expect(hand).toHaveLength(15);
    expect(own).toEqual(expect.arrayContaining(hand));
    expect(own.filter((each) => !hand.includes(each)).map((each) => each.split(/[ :]+/)[1])).toEqual(
      expect.arrayContaining(EXTRA),
    );
    expect(own).toHaveLength(hand.length + EXTRA.length);
  });

  it('composes with all of them', () => {
    const schema = buildSchema(composeWith(sources(), all).publicText);
    for (const { type, field, answer, many } of all)
      expect(signatures(schema, type).map((each) => each.replace(/\(.*\)/, ''))).toContain(
        `${field}: ${many ? `[${answer}!]` : answer}`,
      );
  });

  it('is asked for bulk operations wherever there is one', () => {
    expect(coordinates(all.filter(({ bulk }) => !bulk))).toEqual(['Category.products']);
  });

  it('gives reasons and a confidence with each, the surest first', () => {
    const confidences = all.map(({ confidence }) => confidence);
    expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
    expect(confidences.every((each) => each >= 0.7 && each <= 1)).toBe(true);
    expect(all.every(({ reasons }) => reasons.length >= 2)).toBe(true);
    const stock = all.find(({ type, field }) => type === 'ShipmentLine' && field === 'stock');
    expect(stock?.reasons[0]).toBe(
      'inventory.v1.Inventory/BatchGetStockAt answers a stock level by productId and warehouseId',
    );
  });

  it('is not told what it has already', () => {
    expect(coordinates(proposed(sources(written)))).toEqual(EXTRA);
  });

  it('is told of a new source only what has to do with it', () => {
    expect(coordinates(proposed(sources(), 'gallery'))).toEqual(['Picture.product', 'Product.pictures']);
    expect(coordinates(proposed(sources(), 'inventory'))).toEqual([
      ...['Order.shipments', 'Product.stock', 'Shipment.order', 'ShipmentLine.product', 'ShipmentLine.stock'],
      'StockLevel.product',
    ]);
  });

  it('gets the same in whatever order its sources come', () => {
    expect(proposed(sources().reverse()).map(({ sdl }) => sdl)).toEqual(all.map(({ sdl }) => sdl));
  });

  it('gets no more than wanted', () => {
    const few = proposeJoins({ sources: sources(), locked: new Map(), most: 4 });
    expect(few.map(({ sdl }) => sdl)).toEqual(all.slice(0, 4).map(({ sdl }) => sdl));
  });
});
