/** Contracts of several files. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../../gateway/ingest/openapi/read.ts';
import { at, type Files, readFiles, withFiles } from './contract-kit.ts';

const ref = (to: string): { $ref: string } => ({ $ref: to });
const schemas = (named: object): object => ({ openapi: '3.1.0', paths: {}, components: { schemas: named } });

const manyFiles: Files = {
  'openapi.yaml': `openapi: 3.0.3
paths:
  /pets: { $ref: './paths/pets.yaml' }
  /odd: { $ref: 'paths/all.json#/~1odd' }
components:
  schemas:
    Pet: { $ref: 'common/pet.yaml#/Pet' }
    Local: { type: object }
`,
  'paths/pets.yaml': `get:
  responses:
    200: { description: ok, content: { application/json: { schema: { $ref: '../common/pet.yaml#/Pet' } } } }
`,
  'paths/all.json': { '/odd': { get: { responses: { 200: ref('../common/answers.yaml#/Ok') } } } },
  'common/pet.yaml': `Pet:
  type: object
  properties:
    self: { $ref: '#/Pet' }
    owner: { $ref: './owner.json' }
    local: { $ref: '../openapi.yaml#/components/schemas/Local' }
    back: { $ref: '..\\common\\owner.json#/properties/name' }
    gone: { $ref: 'gone.yaml#/X' }
    bad: { $ref: 'broken.yaml' }
  discriminator: { propertyName: kind, mapping: { cat: '#/Cat', dog: Dog } }
Cat: { type: object }
`,
  'common/owner.json': { type: 'object', properties: { name: { type: 'string' } } },
  'common/answers.yaml': 'Ok: { description: ok }\n',
  'common/broken.yaml': 'a: [1\nb: }',
};

describe('references between files', () => {
  it('are relative to their own file and come out relative to the main document', async () => {
    const { document: read, resolve } = await readFiles(manyFiles);
    expect(at(read, 'paths', '/pets')).toEqual(ref('paths/pets.yaml#'));
    const pet = resolve('#/components/schemas/Pet');
    expect(pet).toMatchObject({ found: true, ref: 'common/pet.yaml#/Pet', pointer: 'common/pet.yaml#/Pet' });
    expect(pet).toMatchObject({
      value: {
        properties: {
          self: ref('common/pet.yaml#/Pet'),
          owner: ref('common/owner.json#'),
          local: ref('#/components/schemas/Local'),
          back: ref('common/owner.json#/properties/name'),
          gone: ref('common/gone.yaml#/X'),
          bad: ref('common/broken.yaml#'),
        },
        discriminator: { mapping: { cat: 'common/pet.yaml#/Cat', dog: 'Dog' } },
      },
    });
    expect(resolve('common/owner.json#')).toMatchObject({ ref: 'common/owner.json#', value: { type: 'object' } });
    expect(resolve('paths/all.json#/~1odd')).toMatchObject({
      value: { get: { responses: { 200: ref('common/answers.yaml#/Ok') } } },
    });
    expect(resolve('common/gone.yaml#/X')).toMatchObject({
      found: false,
      reason: expect.stringMatching(/common\/gone.yaml is not there$/),
    });
    expect(resolve('common/broken.yaml#')).toMatchObject({
      found: false,
      reason: expect.stringMatching(/common\/broken.yaml cannot be parsed as YAML/),
    });
    expect(resolve('common/pet.yaml#/Horse')).toEqual({
      found: false,
      ref: 'common/pet.yaml#/Horse',
      reason: 'leads nowhere',
    });
  });

  it('may lead from 3.x to Swagger 2.0, which is read in the spelling of 3.0', async () => {
    const { resolve } = await readFiles({
      'openapi.json': schemas({ Pet: ref('old.json#/definitions/Pet') }),
      'old.json': { swagger: '2.0', definitions: { Pet: { discriminator: 'kind', 'x-nullable': true } } },
    });
    expect(resolve('#/components/schemas/Pet')).toMatchObject({
      ref: 'old.json#/definitions/Pet',
      value: { discriminator: { propertyName: 'kind' }, nullable: true },
    });
  });

  it('with names that a URI has to encode are found', async () => {
    const { document: read, resolve } = await readFiles({
      'openapi.json': schemas({ A: ref('my%20types%23100%25.json#/A%25b') }),
      'my types#100%.json': { 'A%b': { title: 'odd' } },
    });
    const canonical = String(at(read, 'components', 'schemas', 'A', '$ref'));
    expect(resolve(canonical)).toMatchObject({ found: true, ref: canonical, value: { title: 'odd' } });
  });

  it('do not leave the folder of the contract, whatever leads out of it', async () => {
    await withFiles({ 'api/openapi.json': schemas({}), 'secret.json': { a: 1 } }, async (dir) => {
      const ways = [
        '../secret.json',
        'link.json',
        'out/secret.json',
        '%2e%2e/secret.json',
        join(dir, 'secret.json'),
        'api',
        '.',
      ];
      await symlink('../secret.json', join(dir, 'api', 'link.json'));
      await symlink('..', join(dir, 'api', 'out'));
      const named = Object.fromEntries(ways.map((way, index) => [`W${index}`, ref(way)]));
      await writeFile(join(dir, 'api/openapi.json'), JSON.stringify(schemas(named)));
      const { resolve } = await readContract(join(dir, 'api/openapi.json'));
      const reasons = ways.map((_, index) => {
        const resolved = resolve(`#/components/schemas/W${index}`);
        return resolved.found ? 'found' : resolved.reason;
      });
      expect(reasons.filter((reason) => /lies outside|is not there|is no file/.test(reason))).toHaveLength(ways.length);
      expect(reasons.slice(0, 4).every((reason) => reason.includes('lies outside'))).toBe(true);
      const wide = await readContract(join(dir, 'api/openapi.json'), { root: dir });
      expect(wide.resolve('#/components/schemas/W0')).toMatchObject({
        found: true,
        ref: '../secret.json#',
        value: { a: 1 },
      });
      expect(wide.resolve('#/components/schemas/W2')).toMatchObject({ found: true });
    });
  });

  it('reach files through links that stay inside, as mounted configuration has them', async () => {
    await withFiles(
      { '..data/openapi.json': schemas({ A: ref('a.json') }), '..data/a.json': { title: 'a' } },
      async (dir) => {
        for (const name of ['openapi.json', 'a.json']) await symlink(join('..data', name), join(dir, name));
        const { resolve } = await readContract(join(dir, 'openapi.json'));
        expect(resolve('#/components/schemas/A')).toMatchObject({ found: true, value: { title: 'a' } });
      },
    );
  });

  it('are followed to at most two thousand files, in chains of at most 64', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [`c${n}.json`, { a: ref(`c${n + 1}.json#/a`), n }]),
    );
    const { resolve } = await readFiles({ 'openapi.json': schemas({ A: ref('c0.json#/a') }), ...chain });
    expect(resolve('c60.json#/n')).toMatchObject({ found: true, value: 60 });
    expect(resolve('c70.json#/n')).toMatchObject({ found: false });
    await withFiles(
      {
        'openapi.json': schemas(
          Object.fromEntries(Array.from({ length: 2100 }, (_, n) => [`S${n}`, ref(`f/${n}.json`)])),
        ),
      },
      async (dir) => {
        await mkdir(join(dir, 'f'));
        for (let n = 0; n < 2100; n += 1) await writeFile(join(dir, `f/${n}.json`), '{}');
        const contract = await readContract(join(dir, 'openapi.json'));
        expect(contract.resolve('f/1900.json#')).toMatchObject({ found: true });
        expect(contract.resolve('f/2050.json#')).toMatchObject({
          reason: expect.stringContaining('one file too many'),
        });
      },
    );
  });
});
