/** What a source may answer for one scalar or enum: right values, edges, and values of a wrong type. */
import { type GraphQLNamedType, isEnumType } from 'graphql';
import type { Tape } from './tape.ts';

const TEXTS = [
  '',
  'a',
  'k1',
  '7',
  'quote " and \\',
  'line\n\u2028\u0000',
  '\ud800',
  'ünïcödé 🚀',
  'x'.repeat(600),
] as const;

export function leafOf(tape: Tape, type: GraphQLNamedType): unknown {
  if (isEnumType(type)) return tape.of([...type.getValues().map(({ value }) => value as unknown), 'unknown']);
  switch (type.name) {
    case 'Int':
      return tape.of<unknown>([0, 1, -5, 2 ** 31 - 1, 2 ** 31, '12', 1.5, true]);
    case 'Float':
      return tape.of<unknown>([0, -0, 1.5, 1e21, 1e-7, '2.5', Number.POSITIVE_INFINITY]);
    case 'Boolean':
      return tape.of<unknown>([true, false, 1, 'yes']);
    case 'Int64':
      return tape.of<unknown>(['9007199254740993', 5, 12n, 'abc']);
    case 'ID':
      return tape.of<unknown>(['k1', 'k2', 'k3', 7, '7', 1, '', 'k"4']);
    case 'JSON':
      return tape.of<unknown>([{ b: [1, null, 'x"'], a: {} }, 'text', 3, [], false]);
    case 'IntOrString':
      return tape.of<unknown>([1, 'one', {}]);
    case 'DateTime':
      return tape.of<unknown>(['2026-01-31T00:00:00Z', 'yesterday', {}]);
    default:
      return tape.of(TEXTS);
  }
}
