/** The repository as data, for the tests about itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const ignoredFolders = new Set(['node_modules', 'dist', '.git', 'coverage', '.cache', '.mesh', '.tributary']);

/** Every file that is, or would be, part of a commit: paths from the root with forward slashes, sorted. */
export function listFiles(): string[] {
  const files = existsSync(join(root, '.git')) ? listGit() : listFolder('');
  return files.sort();
}

function listGit(): string[] {
  const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  // A file deleted but not yet staged is still listed.
  return [...new Set(output.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path)));
}

function listFolder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ignoredFolders.has(entry.name) ? [] : listFolder(path);
    return entry.isFile() && !entry.name.endsWith('.log') ? [path] : [];
  });
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export type SourceFacts = {
  readonly path: string;
  readonly lines: number;
  /** Lines of `any` as a type, of default exports, and of the global `process`. */
  readonly anyTypes: readonly number[];
  readonly defaultExports: readonly number[];
  readonly processUses: readonly number[];
  /** Comments that switch off a check, as written. */
  readonly suppressions: readonly string[];
};

/** What a TypeScript file holds, read from its syntax tree so that prose and text do not count. */
export function inspectSource(path: string, text = readText(path)): SourceFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Record<'anyTypes' | 'defaultExports' | 'processUses', number[]> = {
    anyTypes: [],
    defaultExports: [],
    processUses: [],
  };
  const visit = (node: ts.Node): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.anyTypes.push(line);
    if (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) found.defaultExports.push(line);
    if (ts.isExportAssignment(node)) found.defaultExports.push(line);
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'process') {
      found.processUses.push(line);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, lines: text.split('\n').length - 1, ...found, suppressions: listSuppressions(text) };
}

// Put together from halves, so that this file does not count itself.
const suppression = new RegExp(
  `(?://|/\\*)\\s*((?:biome-${'ignore'}|@ts-(?:expect-${'error'}|${'ignore'}|${'nocheck'})|eslint-${'disable'}).*)`,
);

function listSuppressions(text: string): string[] {
  return text.split('\n').flatMap((line) => suppression.exec(line)?.[1] ?? []);
}

/** Relative links of a Markdown text: targets without their fragment. */
export function listLinks(markdown: string): string[] {
  return [...markdown.matchAll(/\]\(([^)\s]+)(?:\s"[^"]*")?\)/g)]
    .map((match) => (match[1] ?? '').split('#')[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/i.test(target));
}
