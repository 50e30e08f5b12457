import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSelections } from '../../../gateway/execute/selection.ts';
import { planShop } from './plan-kit.ts';

const { model, planOf, at } = planShop();

describe('a plan', () => {
  it('tells what kind every field is of, where its value comes from and which calls it needs', () => {
    const plan = planOf('{ o: orders { id person { name email } __typename } contact(id: 1) { name email } nothing }');
    const facts = (path: string) => {
      const { kind, coordinate, source, group } = at(plan, path);
      return [kind, coordinate, source, group && `${group.source}.${group.operation}`];
    };
    expect(facts('o')).toEqual(['call', 'Query.orders', 'orders', 'orders.orders']);
    expect(facts('o.id')).toEqual(['property', 'Order.id', 'orders', undefined]);
    expect(facts('o.person')).toEqual(['join', 'Order.person', 'people', 'people.people']);
    expect(facts('o.__typename')).toEqual(['custom', 'Order.__typename', '', undefined]);
    expect(facts('contact')).toEqual(['delegate', 'Query.contact', 'crm', 'crm.contact']);
    expect(facts('nothing')).toEqual(['custom', 'Query.nothing', '', undefined]);
  });

  it('reads a part of a shared type where its source has it, and looks it up where not', () => {
    const plan = planOf('{ person(id: 1) { name email } contact(id: 1) { name email friends { name } } }');
    expect(at(plan, 'person.name').kind).toBe('property');
    expect(at(plan, 'person.email')).toMatchObject({ kind: 'join', isPart: true, group: { operation: 'contacts' } });
    expect(at(plan, 'contact.email').kind).toBe('property');
    expect(at(plan, 'contact.name')).toMatchObject({ kind: 'join', isPart: true, group: { operation: 'people' } });
    // What a looked-up row holds comes from where it was looked up.
    expect(at(planOf('{ person(id: 1) { friends { email name } } }'), 'person.friends.email').kind).toBe('property');
    expect(at(plan, 'contact.friends.name').group).toBe(at(plan, 'contact.name').group);
  });

  it('lets fields share a group that look rows up in the same way, and no others', () => {
    const plan = planOf('{ orders { person { id } buyers { id } owner { id } } again: orders { person { name } } }');
    const group = at(plan, 'orders.person').group;
    expect(group?.batchSize).toBe(5);
    expect(at(plan, 'orders.buyers').group).toBe(group);
    expect(at(plan, 'again.person').group).toBe(group);
    expect(at(plan, 'orders.owner').group).toMatchObject({ operation: 'person', batchSize: 1 });
    expect(at(plan, 'again').group).not.toBe(at(plan, 'orders').group);
  });

  it('keeps questions to GraphQL sources apart by place, parts of one object together', () => {
    const plan = planOf('{ person(id: 1) { email kind: email(kind: "b") } other: person(id: 2) { email } }');
    expect(at(plan, 'person.email').group).toBe(at(plan, 'person.kind').group);
    expect(at(plan, 'other.email').group).not.toBe(at(plan, 'person.email').group);
  });

  it('fetches a key first that the source of the parent does not have', () => {
    const plan = planOf('{ person(id: 1) { orders { id } } contact(id: 1) { orders { id } } }');
    expect(at(plan, 'person.orders').keyGroups).toMatchObject([{ source: 'crm', operation: 'contacts' }]);
    expect(at(plan, 'contact.orders').keyGroups).toEqual([]);
  });

  it('is the same for the same document, and another where @skip and @include come out otherwise', () => {
    const document = parse(`query ($a: Boolean!, $b: Boolean! = true, $n: Int) {
      orders(limit: $n) { id @include(if: $a) ...P @skip(if: $b) } } fragment P on Order { person { id @skip(if: true) name } }`);
    const first = planOf(document, { a: true, b: false, n: 1 });
    expect(planOf(document, { a: true, b: false, n: 2 })).toBe(first);
    const keys = (variables: Record<string, unknown>) =>
      [
        ...at(planOf(document, variables), 'orders')
          .selection.below(model.schema.getType('Order') as never)
          .keys(),
      ].join();
    expect(keys({ a: true, b: false })).toBe('id,person');
    expect(keys({ a: false, b: false })).toBe('person');
    expect(keys({ a: true, b: true })).toBe('id');
    expect([
      ...at(first, 'orders.person')
        .selection.below(model.schema.getType('Person') as never)
        .keys(),
    ]).toEqual(['name']);
  });

  it('puts selections of one field together, from fragments that apply to the type', () => {
    const plan =
      planOf(`{ found { ...F ... on Task { done who { id } } ... on Note { t: text } } orders { person { id } ... { person { name } } } }
      fragment F on Found { id ... on Note { id } }`);
    const below = (type: string) => [
      ...at(plan, 'found')
        .selection.below(model.schema.getType(type) as never)
        .keys(),
    ];
    expect(below('Task')).toEqual(['id', 'done', 'who']);
    expect(below('Note')).toEqual(['id', 't']);
    expect(below('Memo')).toEqual(['id']);
    expect([
      ...at(plan, 'orders.person')
        .selection.below(model.schema.getType('Person') as never)
        .keys(),
    ]).toEqual(['id', 'name']);
  });

  it('unfolds no more than is asked for, however deep and wide an operation is', () => {
    const deep = `{ contact(id: 1) { ${'friends { '.repeat(200)}id${' }'.repeat(200)} } }`;
    const plan = planOf(deep);
    expect(plan.groups).toHaveLength(1);
    expect(at(plan, 'contact.friends.friends').path).toEqual(['contact', 'friends', 'friends']);
  });
});

describe('the selection for a GraphQL source', () => {
  const selections = createSelections(model);
  const below = (query: string, path: string) => {
    const plan = planOf(query);
    return selections.below(plan, at(plan, path)).text;
  };

  it('asks for what the source has, and for the keys of the rest', () => {
    expect(below('{ contact(id: 1) { e: email name } }', 'contact')).toBe('e: email _k_id: id');
    expect(below('{ contact(id: 1) { orders { id } } }', 'contact')).toBe('_k_crmKey: crmKey');
  });

  it('asks an interface for what all members have, and members for what only they do', () => {
    const query = '{ found { id label(long: true) ... on Task { done who { name } } } }';
    expect(below(query, 'found')).toBe(
      '__typename id: id label: label(long: true) ... on Task { done: done _k_id: id }',
    );
  });

  it('asks nothing of members on which nothing was selected', () => {
    const query = '{ found { ... on Note { ...F } ... on Task { ...F } } } fragment F on Found { id }';
    expect(below(query, 'found')).toBe('__typename ... on Note { id: id } ... on Task { id: id }');
  });

  it('keeps apart what members of one response key ask differently', () => {
    const plan = planOf(
      `{ found { ... on Note { o: link { who { e: email(kind: "a") } } } ... on Task { o: link { who { e: email(kind: "b") } } } } }`,
    );
    const [note, task] = ['found.Note:o.Link:who', 'found.Task:o.Link:who'].map((path) => at(plan, path));
    expect(note?.group).not.toBe(task?.group);
    const shared = planOf('{ found { o: link { who { e: email } } } }');
    expect(at(shared, 'found.Note:o').selection).toBe(at(shared, 'found.Task:o').selection);
  });

  it('grows with the document, not with the ways through it', () => {
    const deep = (levels: number): string =>
      levels === 0
        ? 'id'
        : `... on Note { id } ... on Task { x: id } ... on Memo { y: id } next { ${deep(levels - 1)} }`;
    const text = (levels: number) => below(`{ found { ${deep(levels)} } }`, 'found').length;
    expect(text(40) - text(39)).toBe(text(11) - text(10));
  });

  it('refuses what fragments multiply beyond all bounds, and aliases of its own', () => {
    const fragments = Array.from(
      { length: 30 },
      (_, n) => `fragment F${n} on Found { a: next { ...F${n + 1} } b: next { ...F${n + 1} } }`,
    );
    const bomb = `{ found { ...F0 } } ${fragments.join(' ')} fragment F30 on Found { id }`;
    expect(() => below(bomb, 'found')).toThrow('asks crm for more than it can be asked at once');
    expect(() => below('{ contact(id: 1) { _k_id: crmKey } }', 'contact')).toThrow('rename _k_id');
  });

  it('knows the types of variables, with and without a value, and writes each selection once', () => {
    const plan = planOf('query ($k: String) { contact(id: 1) { email(kind: $k) } }');
    const piece = selections.below(plan, at(plan, 'contact'));
    expect(piece.text).toBe('email: email(kind: $k)');
    expect([...piece.variables]).toEqual([['k', { nullable: 'String', required: 'String!' }]]);
    expect(selections.below(plan, at(plan, 'contact'))).toBe(piece);
  });
});
