/** Joins between REST, gRPC and GraphQL sources, with real upstreams: what is asked, and what comes back under whom. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BIG, customers, notes, orders, people, products } from './joined-sources.ts';
import { openWorld, type World } from './services.ts';

vi.setConfig({ hookTimeout: 180_000 });

let world: World;
beforeAll(async () => {
  world = await openWorld({ orders, customers, products, people, notes });
});
afterAll(() => world?.close());

async function ordersWith(
  selection: string,
  variables = {},
  head = '',
): Promise<{ rows: unknown; errors: unknown; calls: string[] }> {
  const { data, errors, calls } = await world.ask(`${head} { orders { ${selection} } }`, variables);
  return { rows: (data as { orders: unknown } | undefined)?.orders, errors, calls };
}

describe('one row by key', () => {
  it('matches numbers to strings, sends each key once and no null, and two join fields share the call', async () => {
    const { rows, errors, calls } = await ordersWith('customer { fullName } sameCustomer { id }');
    expect(errors).toBeUndefined();
    const one = { customer: { fullName: 'customer 1' }, sameCustomer: { id: '1' } };
    const none = { customer: null, sameCustomer: null };
    expect(rows).toEqual([one, none, one, none]);
    expect(calls).toEqual(['customers BatchGetCustomers', 'orders orders']);
    expect(world.lastArgs('customers', 'BatchGetCustomers')).toEqual({ ids: ['1', '2'] });
  });

  it('matches 64-bit integers without loss', async () => {
    const { rows, errors } = await ordersWith('serial serialOwner { number holder }');
    expect(errors).toBeUndefined();
    expect(rows).toEqual([
      { serial: BIG, serialOwner: { number: BIG, holder: `holder of ${BIG}` } },
      { serial: '5', serialOwner: { number: '5', holder: 'holder of 5' } },
      { serial: null, serialOwner: null },
      { serial: null, serialOwner: null },
    ]);
  });

  it('asks a target without a bulk form once per key, and takes 404 as no row', async () => {
    const { rows, errors, calls } = await ordersWith('owner { name }');
    expect(errors).toBeUndefined();
    expect(rows).toEqual([{ owner: { name: 'person c1' } }, { owner: null }, { owner: null }, { owner: null }]);
    expect(calls).toEqual(['orders orders', 'people person', 'people person']);
  });

  it('matches composite keys as objects of their parts', async () => {
    const { rows, errors, calls } = await ordersWith('lines { productId stock { onHand productId warehouse } }');
    expect(errors).toBeUndefined();
    expect(rows).toEqual([
      {
        lines: [
          { productId: 'p1', stock: { onHand: 3, productId: 'p1', warehouse: 'w1' } },
          { productId: 'p2', stock: { onHand: 2, productId: 'p2', warehouse: 'w2' } },
        ],
      },
      {
        lines: [
          { productId: 'p1', stock: { onHand: 1, productId: 'p1', warehouse: 'w2' } },
          { productId: 'p9', stock: null },
        ],
      },
      { lines: null },
      { lines: null },
    ]);
    expect(calls).toEqual(['customers BatchGetStock', 'orders orders']);
  });
});

describe('many rows by key', () => {
  it('takes keys from a list in its order', async () => {
    const { rows, errors, calls } = await ordersWith('products { id }');
    expect(errors).toBeUndefined();
    expect(rows).toEqual([
      { products: [{ id: 'p1' }, { id: 'p2' }] },
      { products: [] },
      { products: [{ id: 'p2' }] },
      { products: [] },
    ]);
    expect(calls).toEqual(['orders orders', 'products products']);
    expect(world.lastArgs('products', 'products')).toEqual({ ids: ['p1', 'p2', 'p8'] });
  });

  it('takes keys through lists of objects, in calls of at most batchSize keys', async () => {
    const { rows, errors, calls } = await ordersWith('lineProducts { id }');
    expect(errors).toBeUndefined();
    expect(rows).toEqual([
      { lineProducts: [{ id: 'p1' }, { id: 'p2' }] },
      { lineProducts: [{ id: 'p1' }, { id: 'p9' }] },
      { lineProducts: [] },
      { lineProducts: [] },
    ]);
    expect(calls.filter((call) => call === 'products products')).toHaveLength(3);
  });

  it('passes arguments on; other arguments are another call', async () => {
    const { rows, errors, calls } = await ordersWith('a: products(lang: "de") { title } b: products { title }');
    expect(errors).toBeUndefined();
    expect((rows as unknown[])[0]).toEqual({
      a: [{ title: 'p1 de' }, { title: 'p2 de' }],
      b: [{ title: 'p1 plain' }, { title: 'p2 plain' }],
    });
    expect(calls).toEqual(['orders orders', 'products products', 'products products']);
  });

  it('goes round: order → customer → orders, rows nobody asked for dropped', async () => {
    const { rows, errors, calls } = await ordersWith('customer { orders { id } some: orders(state: "x") { id } }');
    expect(errors).toBeUndefined();
    const customer = { orders: [{ id: 'o3' }, { id: 'o1' }], some: [{ id: 'o1' }] };
    expect(rows).toEqual([{ customer }, { customer: null }, { customer }, { customer: null }]);
    expect(calls).toEqual([
      'customers BatchGetCustomers',
      'orders orders',
      'orders ordersByCustomer',
      'orders ordersByCustomer',
    ]);
  });

  it('fills sourceArgs from parent and arguments, equal ones in one call, none where the parent has no value', async () => {
    const { rows, errors, calls } = await ordersWith(
      'priced(currency: $c) { text }',
      { c: 'EUR' },
      'query ($c: String!)',
    );
    expect(errors).toBeUndefined();
    expect(rows).toEqual([
      { priced: [{ text: 'eu EUR 3' }] },
      { priced: [{ text: 'us EUR 3' }] },
      { priced: [] },
      { priced: [] },
    ]);
    expect(calls.filter((call) => call === 'people prices')).toHaveLength(2);
  });
});

describe('a join whose call fails', () => {
  it('is an error of each of its fields, with code and source; siblings answer', async () => {
    const { rows, errors } = await ordersWith('id broken { name } customer { id }');
    expect((rows as unknown[])[0]).toEqual({ id: 'o1', broken: null, customer: { id: '1' } });
    expect(errors).toHaveLength(4);
    for (const [index, error] of (errors as { path: unknown; extensions: unknown }[]).entries()) {
      expect(error).toMatchObject({
        path: ['orders', index, 'broken'],
        extensions: { code: 'UPSTREAM_FAILED', source: 'people' },
      });
    }
    expect(JSON.stringify(errors)).not.toContain('127.0.0.1');
  });
});

describe('GraphQL sources', () => {
  it('are asked with the client’s selection: aliases, arguments, variables, fragments, and keys beside it', async () => {
    const { rows, errors, calls } = await ordersWith(
      `id notes(first: 1) { ...N shout: text(upper: $yes, times: $n) feeling: mood(wanted: $mood) skipped: text @skip(if: $yes) }`,
      { yes: true, mood: 'BAD' },
      'fragment N on Note { text author { name ... on Human { customerId } } } query ($yes: Boolean!, $n: Int = 2, $mood: Mood)',
    );
    expect(errors).toBeUndefined();
    const note = (id: string): unknown => ({
      id,
      notes: [
        {
          text: `note 1 on ${id}`,
          author: { name: 'Ada', customerId: 1 },
          shout: `NOTE 1 ON ${id.toUpperCase()}`.repeat(2),
          feeling: 'BAD',
        },
      ],
    });
    expect(rows).toEqual(['o1', 'o2', 'o3', 'o4'].map(note));
    expect(calls).toEqual(['notes notes', 'orders orders']);
  });

  it('are joined from: keys nested in objects and in members of an interface', async () => {
    const { data, errors, calls } = await world.ask(
      '{ allNotes { text madeBy { fullName } price { text } author { name ... on Human { customer { fullName } } } } }',
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      allNotes: [
        {
          text: 'note 1 on o1',
          madeBy: [{ fullName: 'customer o1' }],
          price: [{ text: 'o1 undefined undefined' }],
          author: { name: 'Ada', customer: { fullName: 'customer 1' } },
        },
        {
          text: 'note 2 on o2',
          madeBy: [{ fullName: 'customer o2' }],
          price: [{ text: 'o2 undefined undefined' }],
          author: { name: 'R2' },
        },
      ],
    });
    expect(calls.filter((call) => call === 'customers BatchGetCustomers')).toHaveLength(1);
  });

  it('are asked once for the rows of all parents, and again only under another response key', async () => {
    const { calls, errors } = await world.ask('{ orders { notes { id } more: notes { text } } }');
    expect(errors).toBeUndefined();
    expect(calls.filter((call) => call === 'notes notes')).toHaveLength(2);
  });
});
