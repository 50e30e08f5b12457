/** References within a contract, and what they lead to. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, readFiles } from './contract-kit.ts';

const ref = (to: string): { $ref: string } => ({ $ref: to });
const schemas = (named: object): object => ({ openapi: '3.1.0', paths: {}, components: { schemas: named } });

const JSON_TYPE = 'application/json';
const whole = {
  openapi: '3.1.0',
  paths: {
    '/a/{id}': { get: { responses: { 200: { content: { [JSON_TYPE]: { schema: { title: 'inline' } } } } } } },
    '/b': ref('#/components/pathItems/Shared'),
  },
  components: {
    pathItems: { Shared: { get: { operationId: 'shared' } } },
    schemas: {
      Pet: { title: 'pet', $defs: { Leg: { title: 'leg' } } },
      Alias: ref('#/components/schemas/Pet'),
      'A/b~c %41 ü': { title: 'odd' },
      Many: { oneOf: [{ title: 'first' }, { title: 'second' }] },
      Twin: { $anchor: 'twin', title: 'twin' },
      Circle: ref('#/components/schemas/Round'),
      Round: ref('#/components/schemas/Circle'),
      Self: ref('#/components/schemas/Self'),
      More: { ...ref('#/components/schemas/Pet'), required: ['a'] },
      Empty: null,
    },
  },
};

describe('a reference within the document', () => {
  it.each<[string, string, string | undefined]>([
    ['#/components/schemas/Pet', 'pet', undefined],
    ['#/components/schemas/Alias', 'pet', '#/components/schemas/Pet'],
    ['#/components/schemas/Pet/$defs/Leg', 'leg', undefined],
    ['#/components/schemas/Alias/$defs/Leg', 'leg', '#/components/schemas/Alias/$defs/Leg'],
    ['#/components/schemas/A~1b~0c%20%2541%20%C3%BC', 'odd', '#/components/schemas/A~1b~0c %2541 ü'],
    ['#/components/schemas/A~1b~0c %2541 ü', 'odd', undefined],
    ['#/components/schemas/Many/oneOf/1', 'second', undefined],
    ['#/paths/~1a~1{id}/get/responses/200/content/application~1json/schema', 'inline', undefined],
    [
      '#/paths/~1a~1%7Bid%7D/get/responses/200/content/application~1json/schema',
      'inline',
      '#/paths/~1a~1{id}/get/responses/200/content/application~1json/schema',
    ],
    ['#twin', 'twin', '#/components/schemas/Twin'],
    ['openapi.json#/components/schemas/Pet', 'pet', '#/components/schemas/Pet'],
    ['./openapi.json#/components/schemas/Pet', 'pet', '#/components/schemas/Pet'],
    ['#components/schemas/Pet', 'pet', '#/components/schemas/Pet'],
    ['Pet', 'pet', '#/components/schemas/Pet'],
  ])('%s leads to %s', async (text, title, canonical = text) => {
    const { resolve } = await readFiles({ 'openapi.json': whole });
    expect(resolve(text)).toMatchObject({ found: true, value: { title }, ref: canonical });
    expect(resolve(canonical)).toMatchObject({ found: true, value: { title }, ref: canonical });
  });

  it.each([
    ['#/components/schemas/Nope', 'leads nowhere'],
    ['#/components/schemas/Many/oneOf/2', 'leads nowhere'],
    ['#/components/schemas/Many/oneOf/-1', 'leads nowhere'],
    ['#/components/schemas/Many/oneOf/length', 'leads nowhere'],
    ['#/components/schemas/toString', 'leads nowhere'],
    ['#nobody', 'leads nowhere'],
    ['#/%', 'leads nowhere'],
    ['#/components/schemas/Circle', 'leads in a circle'],
    ['#/components/schemas/Self', 'leads in a circle'],
    ['#/components/schemas/Self/deeper', 'leads nowhere'],
    ['https://schemas.example/pet.json#/Pet', 'is not read over the network: bundle it'],
    ['file:///etc/passwd', 'is no address of a file'],
    ['missing.yaml#/Pet', 'cannot be followed: the file missing.yaml is not there'],
  ])('%s %s', async (text, reason) => {
    const { resolve } = await readFiles({ 'openapi.json': whole });
    expect(resolve(text)).toMatchObject({ found: false, reason });
  });

  it('is found at its pointer, and keeps what stands beside it', async () => {
    const { document: read, resolve } = await readFiles({ 'openapi.json': whole });
    expect(resolve('#/components/schemas/A~1b~0c %2541 ü')).toMatchObject({
      pointer: '/components/schemas/A~1b~0c %41 ü',
    });
    expect(resolve('#/components/schemas/More')).toMatchObject({
      value: { $ref: '#/components/schemas/Pet', required: ['a'] },
    });
    expect(resolve('#/components/schemas/Empty')).toMatchObject({ found: true, value: null });
    expect(resolve(String(at(read, 'paths', '/b', '$ref')))).toMatchObject({
      value: { get: { operationId: 'shared' } },
    });
  });

  it('is told from data and from properties that are called like keywords', async () => {
    const data = ref('./not-a-reference.yaml');
    const { document: read } = await readFiles({
      'openapi.json': schemas({
        A: { example: data, examples: [data], default: data, enum: [data], const: data },
        B: { properties: { default: ref('openapi.json#/components/schemas/A'), $ref: { type: 'string' } } },
      }),
    });
    const { A, B } = at(read, 'components', 'schemas') as Record<string, unknown>;
    expect(A).toEqual({ example: data, examples: [data], default: data, enum: [data], const: data });
    expect(at(B, 'properties')).toEqual({ default: ref('#/components/schemas/A'), $ref: { type: 'string' } });
  });

  it('is relative to the $id around it, and to the document where that has no such place', async () => {
    const { document: read, resolve } = await readFiles({
      'openapi.json': schemas({
        Pet: {
          $id: 'https://schemas.example/animals/pet',
          $defs: { Leg: { $anchor: 'leg' }, Own: { $id: 'own' } },
          properties: {
            own: ref('#/$defs/Leg'),
            anchor: ref('#leg'),
            outer: ref('#/components/schemas/Other'),
            by: ref('own'),
          },
        },
        Other: {
          properties: { pet: ref('https://schemas.example/animals/pet#/$defs/Leg'), dynamic: { $dynamicRef: '#node' } },
        },
        Node: { $dynamicAnchor: 'node' },
      }),
    });
    const leg = ref('#/components/schemas/Pet/$defs/Leg');
    expect(at(read, 'components', 'schemas', 'Pet', 'properties')).toEqual({
      own: leg,
      anchor: leg,
      outer: ref('#/components/schemas/Other'),
      by: ref('#/components/schemas/Pet/$defs/Own'),
    });
    expect(at(read, 'components', 'schemas', 'Other', 'properties')).toEqual({
      pet: leg,
      dynamic: ref('#/components/schemas/Node'),
    });
    expect(resolve(leg.$ref)).toMatchObject({ found: true });
  });

  it('has one canonical text for one place, whatever the names on the way are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), async (names) => {
        const tree = names.reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), { title: 'end' });
        const { resolve } = await readFiles({ 'openapi.json': { openapi: '3.1.0', paths: {}, 'x-tree': tree } });
        const encoded = names.map((name) => `/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`);
        const found = resolve(`#/x-tree${encoded.join('')}`);
        expect(found).toMatchObject({ found: true, value: { title: 'end' } });
        expect(resolve(found.ref)).toEqual(found);
      }),
      { numRuns: 50 },
    );
  });
});
