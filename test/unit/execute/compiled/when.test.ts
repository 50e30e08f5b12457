/** When an operation gets a program of its own, and what programs share. */
import { type DocumentNode, type ExecutionResult, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../../gateway/context.ts';
import { answerOf, bodyOf, extendAnswer, seeData } from '../../../../gateway/execute/compiled/answer.ts';
import { js, toFunction } from '../../../../gateway/execute/compiled/code.ts';
import type { Perform } from '../../../../gateway/execute/perform.ts';
import { WIRE_DIRECTIVES } from '../../../../gateway/lib/wire-directives.ts';
import { buildWorld } from '../../../oracle/world.ts';

const SDL = `${WIRE_DIRECTIVES}
extend schema @transport(subgraph: "shop", kind: "rest")
type Query {
  order(id: ID): Order @httpOperation(subgraph: "shop", path: "/orders/{id}", httpMethod: "GET")
  orders: [Order!] @httpOperation(subgraph: "shop", path: "/orders", httpMethod: "GET")
}
type Order @source(subgraph: "shop") { id: ID! }
`;

function prepare(compileAfter: number) {
  const asked: string[] = [];
  const perform: Perform = async (_context, { operation }) => {
    asked.push(operation);
    return operation === 'orders' ? [{ id: 'o1' }] : { id: 'o1' };
  };
  const { schema, compiled } = buildWorld(SDL, () => perform, compileAfter);
  const ask = async (document: DocumentNode) => {
    const context = { execution: undefined, calls: [] } as object as RequestContext;
    const outcome = await compiled({ document, context, schema });
    return 'refused' in outcome ? outcome.refused : JSON.parse(outcome.text);
  };
  return { ask, asked };
}

describe('a program is made', () => {
  it('when the operation was seen as often as configured, and nothing is asked before', async () => {
    const { ask, asked } = prepare(2);
    const document = parse('{ order(id: "o1") { id } }');
    expect([await ask(document), await ask(document)]).toEqual(['new', 'new']);
    expect(asked).toEqual([]);
    expect(await ask(document)).toEqual({ order: { id: 'o1' } });
    expect(asked).toEqual(['order']);
    expect(await ask(parse('{ order(id: "o1") { id } }'))).toBe('new');
  });

  it('at once for a list of objects at the root, and for everything where nothing is waited for', async () => {
    expect(await prepare(2).ask(parse('{ orders { id } }'))).toEqual({ orders: [{ id: 'o1' }] });
    expect(await prepare(0).ask(parse('{ order(id: "o1") { id } }'))).toEqual({ order: { id: 'o1' } });
  });
});

describe('code', () => {
  it('is shared by what comes to the same text, and by nothing else', () => {
    const make = (body: ReturnType<typeof js>) => toFunction<(a: number) => number>([js`a`], body);
    expect(make(js`return a + 1;`)).toBe(make(js`return a + 1;`));
    expect(make(js`return a + 2;`)(1)).toBe(3);
  });

  it('of operations that differ in the root alone gives each its own answer', async () => {
    const { ask } = prepare(0);
    const answers = [
      await ask(parse('query A { a: orders { id } }')),
      await ask(parse('query B { b: orders { id } }')),
    ];
    expect(answers).toEqual([{ a: [{ id: 'o1' }] }, { b: [{ id: 'o1' }] }]);
  });
});

describe('an answer', () => {
  it('whose data is replaced is written with the new data', () => {
    const answer = answerOf({
      text: '{"a":1}',
      errors: [],
      body: { bytes: undefined, isAsked: false },
    }) as ExecutionResult & {
      stringify(a: object): string;
    };
    expect(answer.stringify(answer)).toBe('{"data":{"a":1}}');
    answer.data = { a: 2 };
    expect([answer.data, answer.stringify(answer)]).toEqual([{ a: 2 }, '{"data":{"a":2}}']);
  });

  it('whose data is only seen is sent as it was written: as text, and as the same bytes to all who share it', () => {
    const long = 'ü'.repeat(5000);
    const answer = answerOf({ text: `{"a":"${long}"}`, errors: [], body: { bytes: undefined, isAsked: false } });
    const other = extendAnswer(answer, {});
    expect(seeData(answer)).toEqual({ a: long });
    expect(bodyOf(answer)).toBe(`{"data":{"a":"${long}"}}`);
    const bytes = bodyOf(answer);
    expect(bytes).toEqual(Buffer.from(`{"data":{"a":"${long}"}}`));
    expect(bodyOf(other)).toBe(bytes);
  });

  it('that is short is text each time', () => {
    const answer = answerOf({ text: '{"a":"ü"}', errors: [], body: { bytes: undefined, isAsked: false } });
    expect([bodyOf(answer), bodyOf(answer)]).toEqual(['{"data":{"a":"ü"}}', '{"data":{"a":"ü"}}']);
  });

  it('that is more than data, or whose data somebody has taken, has no bytes of its own', () => {
    const answer = answerOf({ text: '{"a":1}', errors: [], body: { bytes: undefined, isAsked: false } });
    expect(bodyOf(extendAnswer(answer, { extensions: { a: 1 } }))).toBeUndefined();
    expect(bodyOf({ data: { a: 1 } })).toBeUndefined();
    expect(answer.data).toEqual({ a: 1 });
    expect(bodyOf(answer)).toBeUndefined();
  });
});

describe('an operation on a schema with rules', () => {
  const guarded = SDL.replace('{ id: ID! }', '{ id: ID! total: Int @authenticated }');
  const granted = { key: '', denied: undefined, allows: async () => false };

  it('is compiled only where all was decided before and nothing is left to look at', async () => {
    const { schema, compiled } = buildWorld(guarded, () => async () => [{ id: 'o1' }]);
    const ask = async (grants: object | undefined) => {
      const context = { execution: undefined, calls: [], grants } as object as RequestContext;
      const outcome = await compiled({ document: parse('{ orders { id } }'), context, schema });
      return 'refused' in outcome ? outcome.refused : outcome.text;
    };
    expect(await ask(undefined)).toBe('guarded');
    expect(await ask({ ...granted, isShared: false })).toBe('guarded');
    expect(await ask({ ...granted, isShared: true })).toBe('{"orders":[{"id":"o1"}]}');
  });
});
