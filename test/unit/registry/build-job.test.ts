/** One job through the build worker: report, impact and what is kept, all made off the serving thread. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { policySchema } from '../../../gateway/config/policy.ts';
import { createBuilder } from '../../../gateway/registry/builder.ts';
import type { BuildJob } from '../../../gateway/registry/job.ts';

const text = (fields: string): string => `# source shop ${'0'.repeat(64)}
extend schema @transport(subgraph: "shop", kind: "rest", location: "http://127.0.0.1:9")

type Query {
  pets: [Pet] @httpOperation(subgraph: "shop", path: "/pets", httpMethod: "GET", accept: "application/json")
}

type Pet {
${fields}
}
`;
const contract = {
  openapi: '3.0.3',
  info: { title: 'shop', version: '2' },
  paths: {
    '/pets': {
      get: {
        operationId: 'pets',
        responses: {
          200: {
            description: 'ok',
            content: { 'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Pet' } } } },
          },
        },
      },
    },
  },
  components: {
    schemas: { Pet: { type: 'object', properties: { id: { type: 'string' }, age: { type: 'integer' } } } },
  },
};

it('a job tells what changed, whom it breaks and which names are new, and keeps what it was asked to', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-job-'));
  try {
    await mkdir(join(dir, 'sources'));
    await writeFile(join(dir, 'sources', 'shop.json'), JSON.stringify(contract));
    await writeFile(
      join(dir, '.meshrc.yaml'),
      'sources: [{ name: shop, handler: { openapi: { source: ./sources/shop.json } } }, { name: keeper, handler: { openapi: { source: ./sources/shop.json } } }]',
    );
    const old = text('  id: String\n  name: String');
    const operations = [
      { hash: 'h', name: 'names', client: 'web', lastSeen: 0, count: 7, coordinates: ['Pet.name', 'Query.pets'] },
      {
        hash: 'i',
        name: 'kept',
        client: 'web',
        lastSeen: 0,
        count: 7,
        coordinates: ['KeeperPet.name', 'Query.keeperPets'],
      },
    ];
    const names = { operations: { 'GET /pets': 'pets' }, fields: { 'Query.pets': 'pets' } };
    const job: BuildJob = {
      dir,
      lock: {
        shop: { ...names, types: { Pet: 'Pet', Gone: 'Gone' } },
        keeper: { ...names, fields: { 'Query.pets': 'keeperPets' }, types: { Pet: 'KeeperPet' } },
      },
      today: '2026-11-29',
      sources: ['shop', 'keeper'].map((name) => ({
        name,
        policy: policySchema.parse({}),
        joins: '',
        ingestAs: '1'.repeat(64),
        text: old.replaceAll('shop', name),
        ...(name === 'keeper' ? { keepRemoved: true } : {}),
      })),
      against: {
        publicText:
          'type Query { pets: [Pet] keeperPets: [KeeperPet] } type Pet { id: String name: String } type KeeperPet { id: String name: String }',
        operations,
      },
    };
    const { fault, impact, built, reports } = await createBuilder().build(job, {});
    expect(fault).toBeUndefined();
    expect(impact?.counts).toEqual({ breaking: 1, dangerous: 0, safe: 3 });
    expect(impact?.changes[0]).toEqual({
      level: 'breaking',
      coordinate: 'Pet.name',
      text: expect.stringContaining('removed'),
    });
    expect(impact?.broken.first).toEqual([
      { hash: 'h', name: 'names', client: 'web', lastSeen: 0, count: 7, at: ['Pet.name'] },
    ]);
    expect(built?.publicText).toContain('name: String @deprecated(reason: "Not in the contract since 2026-11-29")');
    expect(built?.sources[1]?.[1]).toMatch(new RegExp(`^# source keeper ${'1'.repeat(64)}\n`));
    const [report] = reports;
    expect(report?.nameChanges?.vanished).toEqual({ count: 1, first: [{ at: 'Gone', text: 'was Gone' }] });
    expect(report?.risks?.unboundedLists.first).toEqual([
      { at: 'Query.pets', text: 'GET /pets answers a list and takes no limit' },
    ]);
    expect(report?.renamed).toEqual([]);
    expect(reports[1]?.renamed.map(({ from, to }) => `${from} is ${to}`)).toEqual([
      'Pet is KeeperPet',
      'Query.pets is keeperPets',
    ]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 120_000);
