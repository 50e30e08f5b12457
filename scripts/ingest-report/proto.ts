/** What a .proto says of methods and imports, read with a tokenizer of its own: a count that the gateway's reader has no part in. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const TOKENS = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_][\w.]*|[{};=]/g;
const MAX_FILES = 2000;

function tokensOf(text: string): string[] {
  return [...text.matchAll(TOKENS)].map(([token]) => token).filter((token) => !/^\/[/*]/.test(token));
}

/** Paths that a .proto imports, as written. */
export function importsOf(text: string): string[] {
  const tokens = tokensOf(text);
  return tokens.flatMap((token, at) => {
    if (token !== 'import' || !isStart(tokens[at - 1])) return [];
    const path = [tokens[at + 1], tokens[at + 2]].find((next) => /^["']/.test(next ?? ''));
    return path === undefined ? [] : [path.slice(1, -1)];
  });
}

/** `package.Service/Method` of every method that a .proto itself defines. */
export function methodsOf(text: string): string[] {
  const tokens = tokensOf(text);
  const methods: string[] = [];
  let packageName = '';
  let service = '';
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    const next = tokens[at + 1] ?? '';
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    else if (depth === 0 && isStart(tokens[at - 1])) {
      if (token === 'package') packageName = `${next}.`;
      if (token === 'service') service = next;
    } else if (depth === 1 && service !== '' && token === 'rpc' && isStart(tokens[at - 1]))
      methods.push(`${packageName}${service}/${next}`);
    if (token === '}' && depth === 0) service = '';
  }
  return methods;
}

function isStart(before: string | undefined): boolean {
  return before === undefined || before === ';' || before === '{' || before === '}';
}

/** Methods of a .proto and of all it imports, directly or not; an import that is not there adds none. */
export async function countProto(file: string, includeDirs: readonly string[]): Promise<string[]> {
  const seen = new Set<string>([file]);
  const methods = new Set<string>();
  for (const path of seen) {
    if (seen.size > MAX_FILES) throw new Error(`imports more than ${MAX_FILES} files`);
    const text = await readFile(path, 'utf8');
    for (const method of methodsOf(text)) methods.add(method);
    for (const target of importsOf(text)) {
      const found = includeDirs.map((dir) => join(dir, target)).find((candidate) => existsSync(candidate));
      if (found !== undefined) seen.add(found);
    }
  }
  return [...methods].sort();
}
