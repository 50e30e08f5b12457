import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../gateway/context.ts';
import { openExecution } from '../../../gateway/execute/execution.ts';
import type { ExplainedCall } from '../../../gateway/execute/explain.ts';
import { planShop } from './plan-kit.ts';

const { explain, insight, planOf } = planShop();

/** `path source.operation keys→calls`, one line per field that needs calls. */
function lines(calls: readonly ExplainedCall[]): string[] {
  return calls.flatMap((call) => {
    const { predicted } = call;
    const expected = predicted ? `${predicted.keys}→${predicted.calls}` : 'shared';
    const on = call.on ? ` on ${call.on.join('|')}` : '';
    return [`${call.path}${on} ${call.source}.${call.operation} ${expected}`, ...lines(call.calls)];
  });
}

describe('an explanation', () => {
  it('tells the calls as a tree, with what is to be expected of each', () => {
    const explained = explain('query Q { orders(limit: 12) { person { name email } owner { id } } }');
    expect(lines(explained.calls)).toEqual([
      'orders orders.orders 0→1',
      'orders.person people.people 12→3',
      'orders.person.email crm.contacts 12→1',
      'orders.owner people.person 12→12',
    ]);
    expect(explained).toMatchObject({ operation: { kind: 'query', name: 'Q' }, generation: 'g', predictedCalls: 17 });
    expect(explained.calls[0]).toMatchObject({ kind: 'call', coordinate: 'Query.orders', policy: { cache: 'orders' } });
    expect(explained.calls[0]?.calls[0]).toMatchObject({ kind: 'join', batchSize: 5 });
    expect(explained.calls[0]?.calls[0]?.calls[0]?.selection).toBe('email: email');
  });

  it.each([
    ['{ orders { id } }', {}, 10],
    ['{ orders(limit: 3) { id } }', {}, 3],
    ['query ($n: Int) { orders(limit: $n) { id } }', { n: 4 }, 4],
    ['query ($n: Int = 6) { orders(limit: $n) { id } }', {}, 6],
    ['{ orders(ids: [1, 2]) { id } }', {}, 2],
    ['{ orders(ids: [1, 2], limit: 1) { id } }', {}, 2],
    ['{ orders(limit: 0) { id } }', {}, 10],
    ['{ order(id: 7) { id } }', {}, 1],
  ])('takes lists as long as their arguments say: %s %j', (query, variables, rows) => {
    const { calls } = explain(query.replace('{ id }', '{ owner { id } }'), variables);
    expect(calls[0]?.calls[0]?.predicted?.keys).toBe(rows);
  });

  it('counts calls once that fields of one level share, and again on the next', () => {
    const shared = explain('{ a: orders(limit: 3) { person { id } } b: orders(limit: 4) { person { id } } }');
    expect(lines(shared.calls)).toEqual([
      'a orders.orders 0→1',
      'a.person people.people 7→2',
      'b orders.orders 0→1',
      'b.person people.people shared',
    ]);
    expect(shared.predictedCalls).toBe(4);
    const chained = explain('{ order(id: 1) { lines { order { lines { order { id } } } } } }');
    expect(lines(chained.calls)).toEqual([
      'order orders.order 0→1',
      'order.lines.order orders.order 10→10',
      'order.lines.order.lines.order orders.order 100→100',
    ]);
  });

  it('tells keys that are fetched first, and types that alone need a call', () => {
    const [person, found] = explain(
      '{ person(id: 1) { orders { id } } found { ... on Task { who { id } } id } }',
    ).calls;
    expect(person?.calls[0]).toMatchObject({
      path: 'person.orders',
      keysFrom: [{ source: 'crm', operation: 'contacts', predicted: { keys: 1, calls: 1 } }],
    });
    expect(lines(found ? [found] : [])).toEqual(['found crm.found 0→1', 'found.who on Task people.people 10→2']);
  });

  it('stops where an operation is too large to be told, and says so', () => {
    const wide = Array.from({ length: 1200 }, (_, index) => `a${index}: order(id: ${index}) { id }`).join(' ');
    const explained = explain(`{ ${wide} }`);
    expect(explained.calls).toHaveLength(1000);
    expect(explained.truncated).toBe(true);
    expect(explain('{ order(id: 1) { id } }').truncated).toBeUndefined();
  });

  it('looks at no more fields than an explanation can show, however often fragments multiply them', () => {
    const fragments = Array.from(
      { length: 40 },
      (_, n) => `fragment F${n} on Found { a: next { ...F${n + 1} } b: next { ...F${n + 1} } }`,
    );
    const bomb = `{ found { ...F0 } } ${fragments.join(' ')} fragment F40 on Found { ... on Task { who { id } } }`;
    expect(explain(bomb.replace('found { ...F0 }', 'things { __typename }')).truncated).toBeUndefined();
    expect(() => explain(bomb)).toThrow('more than it can be asked');
  });

  it('refuses what cannot be explained with a code', () => {
    const two = parse('query A { nothing } query B { nothing }');
    expect(() => insight.explain({ document: two })).toThrow('Name the operation');
    const typed = parse('query ($n: Int!) { orders(limit: $n) { id } }');
    expect(() => insight.explain({ document: typed, variables: { n: 'x' } })).toThrow('"$n"');
  });
});

const record = (group: number, more: Partial<CallRecord> = {}): CallRecord => ({
  ...{ source: '', operation: '', keys: 0, ms: 2, bytes: 100, outcome: 'ok', group },
  ...more,
});

function ran(query: string, calls: CallRecord[]) {
  const document = parse(query);
  const plan = planOf(document);
  const execution = openExecution(() => plan, { operation: plan.operation, fragments: {}, variableValues: {} });
  return { document, run: { execution, calls } };
}

describe('after running', () => {
  it('stands beside each group what it came to, once', () => {
    const { document, run } = ran('{ orders { person { id } } b: orders { person { name } } }', [
      record(0, { attempts: 2, ms: 5 }),
      record(1, { cache: 'hit', bytes: 0 }),
      record(2, { keys: 5, outcome: 'UPSTREAM_TIMEOUT', ms: 7 }),
      record(2, { keys: 3, coalesced: true }),
    ]);
    const explained = insight.explainRun({ document }, run);
    expect(explained.madeCalls).toBe(3);
    const [orders] = explained.calls;
    expect(orders?.real).toMatchObject({ calls: 2, asked: 1, ms: { most: 5, sum: 5 }, outcomes: { ok: 1 } });
    const joined = explained.calls.flatMap(({ calls }) => calls);
    expect(joined.filter(({ real }) => real)).toHaveLength(1);
    expect(joined[0]?.real).toMatchObject({ keys: 8, coalesced: 1, outcomes: { ok: 1, UPSTREAM_TIMEOUT: 1 } });
  });

  it('tells which fields are stale and why', () => {
    const { run } = ran('{ orders { person { id } owner { id } } }', []);
    const groups = groupsOf(run);
    expect(insight.staleFields({ ...run, calls: [record(0)] })).toEqual([]);
    const calls = [
      record(groups.get('people') ?? -1, { cache: 'stale', ageMs: 1200 }),
      record(groups.get('people') ?? -1, { cache: 'stale-if-error', ageMs: 900 }),
      record(groups.get('person') ?? -1, { cache: 'stale' }),
    ];
    expect(insight.staleFields({ ...run, calls })).toEqual([
      { path: 'orders.person', coordinate: 'Order.person', source: 'people', reason: 'stale-if-error', ageMs: 1200 },
      { path: 'orders.owner', coordinate: 'Order.owner', source: 'people', reason: 'stale-while-revalidate' },
    ]);
  });

  it('has nothing stale where nothing ran', () => {
    expect(insight.staleFields({ execution: undefined, calls: [record(0, { cache: 'stale' })] })).toEqual([]);
  });
});

/** Groups get their numbers when they are first met. */
function groupsOf(run: { execution: object }): Map<string, number> {
  insight.staleFields({ ...run, calls: [record(0, { cache: 'stale' })] });
  const { plan } = run.execution as ReturnType<typeof openExecution>;
  return new Map(plan.groups.map(({ operation, id }) => [operation, id]));
}
