/** Facts about the repository that nobody should have to remember. Each failure lists what to change. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatFaults } from '../gateway/config/faults.ts';
import { loadGatewayConfig, loadMeshrc, loadPolicy } from '../gateway/config/load.ts';
import { findStalePages } from '../scripts/generate-docs.ts';
import { inspectSource, listFiles, listLinks, readText, root } from './repository.ts';

const files = listFiles();
const sources = files.filter((path) => /\.[cm]?ts$/.test(path) && !path.includes('/generated/'));
const facts = sources.map((path) => inspectSource(path));
const pages = files.filter((path) => path.endsWith('.md') && !path.startsWith('test/cases/'));

type Package = {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const manifest = JSON.parse(readText('package.json')) as Package;

describe('the tree', () => {
  const known = [
    ...['.ci', '.dependency-cruiser.cjs', '.dockerignore', '.editorconfig', '.gitignore', '.github', '.meshrc.yaml'],
    ...['.npmrc', '.nvmrc', 'CHANGELOG.md', 'CONTRIBUTING.md', 'Dockerfile', 'LICENSE', 'README.md', 'SECURITY.md'],
    ...['bench', 'bin', 'biome.json', 'codegen.ts', 'deploy', 'docker-compose.yml', 'docs', 'examples', 'gateway'],
    ...[
      'gateway.yaml',
      'package-lock.json',
      'package.json',
      'schemas',
      'scripts',
      'sources',
      'test',
      'tsconfig.build.json',
    ],
    ...['tsconfig.json', 'vitest.config.ts'],
  ];

  it('has no unknown entry at its top', () => {
    const entries = new Set(files.map((path) => path.split('/')[0] ?? ''));
    expect([...entries].filter((entry) => !known.includes(entry))).toEqual([]);
  });

  it.each([
    '.ci/run',
    '.meshrc.yaml',
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'gateway/main.ts',
    'schemas/unified.graphql',
  ])('has %s', (path) => {
    expect(files).toContain(path);
  });

  it('opens selection sets where plans are made, and nowhere else', () => {
    const openers = sources.filter((path) => path.startsWith('gateway/') && readText(path).includes('selectionSet'));
    expect(openers).toEqual(['gateway/execute/collect.ts', 'gateway/execute/planner.ts']);
  });

  it('visits documents where something is counted in them or looked for, and nowhere else while serving', () => {
    const importing = /import[^;]*\bvisit\b[^;]*from 'graphql'/;
    const visitors = sources.filter(
      (path) => /^gateway\/(?!compose|ingest|registry)/.test(path) && importing.test(readText(path)),
    );
    expect(visitors).toEqual([
      'gateway/execute/collect.ts',
      'gateway/execute/compiled/arguments.ts',
      'gateway/execute/compiled/refusals.ts',
      'gateway/execute/in-parts.ts',
      'gateway/execute/selection.ts',
      'gateway/http/accept.ts',
      'gateway/record/coordinates.ts',
      'gateway/validate/measure.ts',
    ]);
  });

  it('has a rule about imports for every part of the gateway', () => {
    const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
      forbidden: { name: string; from: { path?: string } }[];
    };
    const rules = forbidden
      .filter(({ name }) => name.startsWith('direction-'))
      .map(({ from }) => new RegExp(from.path ?? '$^'));
    const parts = files.filter((path) => path.startsWith('gateway/') && path !== 'gateway/main.ts');
    expect(parts.filter((path) => !rules.some((rule) => rule.test(path)))).toEqual([]);
  });
});

describe('every TypeScript file', () => {
  it('is 250 lines long at most', () => {
    expect(facts.filter(({ lines }) => lines > 250).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  });

  it('has named exports only, but for configuration that a tool wants otherwise', () => {
    const own = facts.filter(({ path }) => !/(^|\/)(codegen|[\w-]+\.config)\.ts$/.test(path));
    expect(own.filter(({ defaultExports }) => defaultExports.length > 0).map(({ path }) => path)).toEqual([]);
  });

  it('has no any', () => {
    expect(facts.flatMap(({ path, anyTypes }) => anyTypes.map((line) => `${path}:${line}`))).toEqual([]);
  });

  it('leaves process to main.ts', () => {
    const allowed = ['gateway/main.ts', 'gateway/config/env.ts'];
    const own = facts.filter(({ path }) => path.startsWith('gateway/') && !allowed.includes(path));
    expect(own.flatMap(({ path, processUses }) => processUses.map((line) => `${path}:${line}`))).toEqual([]);
  });

  it('switches a check off at most five times in all, each with its reason', () => {
    const all = facts.flatMap(({ path, suppressions }) => suppressions.map((text) => ({ path, text })));
    expect(all.length).toBeLessThanOrEqual(5);
    expect(
      all.filter(
        ({ text }) =>
          text
            .replace(/^\S+(\s+lint\/\S+:)?/, '')
            .trim()
            .split(/\s+/).length < 4,
      ),
    ).toEqual([]);
  });

  it('is looked at closely enough for the facts above', () => {
    const text =
      'export default 1;\nlet a: any;\nprocess.exit();\n// any process.exit export default\nswitch (a) { default: }\n';
    expect(inspectSource('x.ts', text)).toMatchObject({
      lines: 5,
      anyTypes: [2],
      defaultExports: [1],
      processUses: [3],
    });
  });
});

describe('sources', () => {
  const contract = /^(openapi\.(ya?ml|json)|.*\.proto|schema\.graphql)$/;

  it('are the folders of sources/ and the entries of .meshrc.yaml alike, and every file of theirs is valid', async () => {
    const meshrc = await loadMeshrc({ dir: root, env: {} });
    if (!meshrc.ok) throw new Error(formatFaults(meshrc.faults));
    const names = meshrc.value.sources.map(({ name }) => name).sort();
    const folders = readdirSync(join(root, 'sources'), { withFileTypes: true });
    expect(
      folders
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names);
    for (const name of names) {
      const inside = readdirSync(join(root, 'sources', name));
      expect(inside, name).toEqual(expect.arrayContaining(['README.md', 'joins.graphql', 'policy.yaml']));
      expect(
        inside.some((file) => contract.test(file)),
        `contract of ${name}`,
      ).toBe(true);
      expect(files, `schema of ${name}`).toContain(`schemas/${name}.graphql`);
      const policy = await loadPolicy({ dir: root, env: {}, source: name });
      expect(policy.ok ? '' : formatFaults(policy.faults)).toBe('');
    }
  });

  it('are never named by the gateway', async () => {
    const meshrc = await loadMeshrc({ dir: root, env: {} });
    const names = meshrc.ok ? meshrc.value.sources.map(({ name }) => name) : [];
    const quoted = new RegExp(`['"\`](${names.join('|')})['"\`]`);
    expect(sources.filter((path) => path.startsWith('gateway/') && quoted.test(readText(path)))).toEqual([]);
  });

  it('are served by a valid gateway.yaml, by default and in the demo', async () => {
    for (const env of [{}, { TRIBUTARY_CONFIG: 'examples/gateway.yaml' }]) {
      const config = await loadGatewayConfig({ dir: root, env });
      expect(config.ok ? '' : formatFaults(config.faults)).toBe('');
    }
  });
});

describe('dependencies', () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };

  it.each(Object.entries(all))('%s has an exact version and a reason', (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(readText('docs/dependencies.md')).toContain(`\`${name}\``);
  });

  it('are locked without addresses, and install without scripts', () => {
    const lock = readText('package-lock.json');
    expect(lock).not.toMatch(/"resolved": "https?:/);
    expect(readText('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  });
});

describe('texts', () => {
  it('name only npm scripts that exist', () => {
    const texts = [...pages, '.ci/run', 'Dockerfile', 'docker-compose.yml'];
    const named = texts.flatMap((path) =>
      [...readText(path).matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)].map(
        ([, run, short]) => run ?? short ?? '',
      ),
    );
    expect(named.filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
    expect(named.length).toBeGreaterThan(0);
  });

  it('hold no path of somebody’s machine', () => {
    const machine = new RegExp(
      ['/work/(main|shared)', '/home/(?!node\\b)[a-z]', '/Users/[a-z]+/', '/root/', 'C:\\\\Users'].join('|'),
    );
    const binary = /\.(png|jpe?g|ico|gz|woff2?)$/;
    const self = 'test/layout.test.ts';
    const text = files.filter(
      (path) => path !== self && !binary.test(path) && statSync(join(root, path)).size < 2_000_000,
    );
    expect(text.filter((path) => machine.test(readText(path)))).toEqual([]);
  });

  it('link to what exists', () => {
    const broken = pages.flatMap((page) =>
      listLinks(readText(page))
        .filter((target) => !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page} → ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('are all reachable: every page of docs/ is linked from another page', () => {
    const linked = new Set(
      pages.flatMap((page) => listLinks(readText(page)).map((target) => normalize(join(dirname(page), target)))),
    );
    expect(pages.filter((page) => page.startsWith('docs/') && !linked.has(page))).toEqual([]);
  });

  it('written from the code are current (npm run docs)', async () => {
    expect(await findStalePages(root)).toEqual([]);
  });
});
