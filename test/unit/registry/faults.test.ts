import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkTree } from '../../../gateway/registry/check.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-faults-'));
  for (const name of ['a', 'b']) {
    await mkdir(join(dir, 'sources', name), { recursive: true });
    await writeFile(join(dir, 'sources', name, 'policy.yaml'), 'owner: team\ndeadlineMs: soon\n');
  }
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const list = (rest: string): string =>
  `sources:\n${['a', 'b'].map((name) => `  - { name: ${name}, handler: { openapi: { source: ./x.yaml } }${rest} }`).join('\n')}\n`;

it('tells the faults of .meshrc.yaml and of every policy in one look, with file and line', async () => {
  await writeFile(join(dir, '.meshrc.yaml'), `${list('')}serve: {}\n`);
  const { ok, faults } = await checkTree({ dir, env: {} });
  expect(ok).toBe(false);
  const told = faults.join('\n');
  expect(told).toMatch(/\.meshrc\.yaml:4:\d+/);
  expect(told).toMatch(/sources\/a\/policy\.yaml:2:\d+/);
  expect(told).toMatch(/sources\/b\/policy\.yaml:2:\d+/);
});

it('tells the faults of all sources, not of the first alone', async () => {
  for (const name of ['a', 'b']) await writeFile(join(dir, 'sources', name, 'policy.yaml'), 'owner: team\n');
  await writeFile(join(dir, '.meshrc.yaml'), list(', transforms: [{ prefix: { value: A_ } }]'));
  const { faults } = await checkTree({ dir, env: {} });
  expect(faults.map((fault) => fault.slice(0, 9))).toEqual(['sources/a', 'sources/b']);
  expect(faults[0]).toContain('prefix');
});

it('tells of rules for operations that a source does not have', async () => {
  const contract = `openapi: 3.0.3
info: { title: x, version: '1' }
paths:
  /things: { get: { operationId: listThings, responses: { '200': { description: ok } } } }
  /secrets: { get: { operationId: secrets, responses: { '200': { description: ok } } } }
`;
  await writeFile(join(dir, '.meshrc.yaml'), list('').replaceAll('./x.yaml', './sources/a/x.yaml'));
  await writeFile(join(dir, 'sources', 'a', 'x.yaml'), contract);
  await writeFile(
    join(dir, 'sources', 'a', 'policy.yaml'),
    'endpoints: { static: [http://127.0.0.1:9] }\noperations: { listThing: { batchSize: 5 }, secrets: { exclude: true }, listThings: { batchSize: 5 } }\n',
  );
  await writeFile(join(dir, 'sources', 'b', 'policy.yaml'), 'endpoints: { static: [http://127.0.0.1:9] }\n');
  const { faults } = await checkTree({ dir, env: {} });
  expect(faults.filter((fault) => fault.includes('policy'))).toEqual([
    'sources/a/policy.yaml: operations.listThing: a has no such operation; did you mean "listThings"?',
  ]);
});
