/** That the rules about imports bite: each forbidden import of a made-up tree is found, the allowed ones are not. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { root } from './repository.ts';

/** File → what it imports, and the rule that forbids it (none: allowed). */
const cases: readonly (readonly [file: string, imported: string, rule: string | undefined])[] = [
  ['gateway/main.ts', './cli/serve.ts', undefined],
  ['gateway/cli/serve.ts', '../app.ts', undefined],
  ['gateway/app.ts', 'graphql-yoga', undefined],
  ['gateway/pipeline.ts', './http/index.ts', undefined],
  ['gateway/http/index.ts', 'graphql-yoga', undefined],
  ['gateway/http/deadline.ts', 'graphql-yoga', 'door-yoga'],
  ['gateway/http/other.ts', '../limit/x.ts', 'direction-http'],
  ['gateway/limit/x.ts', '../context.ts', undefined],
  ['gateway/limit/y.ts', '../pipeline.ts', 'direction-limit'],
  ['gateway/context.ts', './errors.ts', undefined],
  ['gateway/errors.ts', './execute/plan.ts', 'direction-errors'],
  ['gateway/execute/plan.ts', '../lib/json.ts', undefined],
  ['gateway/lib/json.ts', '../context.ts', 'direction-lib'],
  ['gateway/lib/exit.ts', 'node:process', 'process-belongs-to-main'],
  ['gateway/compose/a.ts', '../ingest/b.ts', 'direction-compose'],
  ['gateway/ingest/b.ts', '@graphql-mesh/cli', undefined],
  ['gateway/compose/c.ts', '@graphql-mesh/cli', 'door-mesh'],
  ['gateway/compose/d.ts', '@graphql-tools/stitch', undefined],
  ['gateway/execute/e.ts', '@graphql-tools/stitch', 'door-stitch'],
  ['gateway/connect/rest/send.ts', 'undici', undefined],
  ['gateway/connect/grpc/send.ts', 'undici', 'door-undici'],
  ['gateway/connect/rest/wrong.ts', '@grpc/grpc-js', 'door-grpc-js'],
  ['gateway/connect/chain/x.ts', 'fastify', 'gateway-needs-no-dev-dependency'],
  ['gateway/connect/chain/y.ts', '../../../examples/start.ts', 'gateway-stands-alone'],
  ['examples/start.ts', '../gateway/app.ts', 'examples-stand-alone'],
];

let found: { from: string; rule: string }[] = [];
let tree: string;

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'tributary-boundaries-'));
  for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs'])
    await cp(join(root, file), join(tree, file));
  await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
  for (const [file, imported] of cases) {
    await mkdir(dirname(join(tree, file)), { recursive: true });
    await writeFile(join(tree, file), `import '${imported}';\n`);
  }
  const output = await new Promise<string>((resolve) => {
    const args = ['gateway', 'examples', '--config', '.dependency-cruiser.cjs', '-T', 'json'];
    execFile(join(root, 'node_modules/.bin/depcruise'), args, { cwd: tree, maxBuffer: 64 * 1024 * 1024 }, (_, stdout) =>
      resolve(stdout),
    );
  });
  const report = z.object({
    summary: z.object({ violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })) }),
  });
  found = report.parse(JSON.parse(output)).summary.violations.map(({ from, rule }) => ({ from, rule: rule.name }));
});

afterAll(() => rm(tree, { recursive: true, force: true }));

it.each(cases)('%s importing %s', (file, _, rule) => {
  const rules = found
    .filter(({ from, rule: name }) => from === file && name !== 'no-cycles')
    .map(({ rule: name }) => name);
  expect(rules).toEqual(rule === undefined ? [] : expect.arrayContaining([rule]));
});

it('finds cycles', () => {
  expect(found.map(({ rule }) => rule)).toContain('no-cycles');
});
