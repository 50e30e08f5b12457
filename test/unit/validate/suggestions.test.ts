/** Which errors of a document propose names. */
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { suggest } from '../../../gateway/validate/suggestions.ts';

const schema = buildSchema('type Query { thingA: Int thingB: Int }');
const document = parse('{ thing1 thing2 thing3 thing4 thing5 thing6 }');

function told(errors: number, suggestions: boolean): string[] {
  return suggest({ errors, suggestions }, (how) => validate(schema, document, undefined, how)).map(
    ({ message }) => message,
  );
}

const bare = (name: string) => `Cannot query field "${name}" on type "Query".`;
const proposing = (name: string) => `${bare(name)} Did you mean "thingA" or "thingB"?`;
const more = 'Too many validation errors, error limit reached. Validation aborted.';

describe('proposals of names', () => {
  it('are made for the first three errors, and all are told', () => {
    expect(told(10, true)).toEqual([
      ...['thing1', 'thing2', 'thing3'].map(proposing),
      ...['thing4', 'thing5', 'thing6'].map(bare),
    ]);
  });
  it('leave the sentence that there are more where it is', () => {
    expect(told(1, true)).toEqual([proposing('thing1'), more]);
    expect(told(3, true)).toEqual([...['thing1', 'thing2', 'thing3'].map(proposing), more]);
    expect(told(4, true)).toEqual([...['thing1', 'thing2', 'thing3'].map(proposing), bare('thing4'), more]);
  });
  it('are not made where they are off', () => {
    expect(told(2, false)).toEqual([bare('thing1'), bare('thing2'), more]);
  });
  it('take a document without faults one look', () => {
    let looks = 0;
    const look = () => {
      looks += 1;
      return [];
    };
    expect(suggest({ errors: 10, suggestions: true }, look)).toEqual([]);
    expect(looks).toBe(1);
  });
});
