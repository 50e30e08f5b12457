/** Whether a schema requires anything of anybody, wherever it stands. */
import { buildASTSchema, parse } from 'graphql';
import { expect, it } from 'vitest';
import { hasRequired } from '../../../gateway/execute/required.ts';
import { readRequirements } from '../../../gateway/execute/requirements.ts';

const AUTH = '@authenticated';

const schemaOf = (at: Partial<Record<'schema' | 'type' | 'face' | 'field' | 'arg' | 'input', string>>) =>
  buildASTSchema(
    parse(`schema { query: Query }
extend schema @transport(subgraph: "shop") ${at.schema ?? ''}
interface Face { face: Int ${at.face ?? ''} }
type Thing implements Face ${at.type ?? ''} { face: Int name(of: Int ${at.arg ?? ''}): String ${at.field ?? ''} }
input In { word: String ${at.input ?? ''} }
type Query { thing(in: In): Thing @deprecated }`),
    { assumeValid: true, assumeValidSDL: true },
  );

it('is not, whatever other directives say', () => {
  expect(hasRequired(schemaOf({}))).toBe(false);
  expect(readRequirements(schemaOf({})).isEmpty).toBe(true);
});

it.each(['schema', 'type', 'face', 'field', 'arg', 'input'] as const)('is where it stands at the %s', (place) => {
  expect(hasRequired(schemaOf({ [place]: AUTH }))).toBe(true);
});

it.each(['type', 'face', 'field', 'arg', 'input'] as const)('at the %s is found by who asks below', (place) => {
  expect(readRequirements(schemaOf({ [place]: AUTH })).isEmpty).toBe(false);
});
