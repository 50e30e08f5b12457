/** Contracts that say the same in another order. */
import fc from 'fast-check';
import { isRecord } from '../../../gateway/lib/json.ts';
import { readAll } from './kit.ts';

export const SEEDS = [1, 2, 3];

/** The items in an order that the seed decides. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const [order = []] = fc.sample(fc.shuffledSubarray([...items], { minLength: items.length }), { seed, numRuns: 1 });
  return order;
}

function shuffledKeys(value: unknown, seed: number): unknown {
  return isRecord(value) ? Object.fromEntries(shuffled(Object.entries(value), seed)) : value;
}

/** An OpenAPI document with its paths, their operations, and all that is declared by name in another order. */
export function shuffleOpenapi(document: Record<string, unknown>, seed: number): Record<string, unknown> {
  const named = (value: unknown): unknown => {
    const groups = isRecord(value) ? Object.entries(value) : [];
    return Object.fromEntries(shuffled(groups, seed).map(([name, group]) => [name, shuffledKeys(group, seed)]));
  };
  const swapped = { ...document };
  for (const key of ['paths', 'components']) if (isRecord(document[key])) swapped[key] = named(document[key]);
  for (const key of ['paths', 'definitions', 'parameters', 'responses'])
    if (isRecord(swapped[key])) swapped[key] = shuffledKeys(swapped[key], seed);
  return shuffledKeys(swapped, seed) as Record<string, unknown>;
}

/** A .proto with its messages, enums and services, and the methods of each, in another order. */
export function shuffleProto(text: string, seed: number): string {
  const parts = topLevel(text);
  const isBlock = (part: string): boolean => /^(message|enum|service|extend)\b/m.test(part);
  const blocks = parts.filter(isBlock).map((part) => shuffleMethods(part, seed));
  return [...parts.filter((part) => !isBlock(part)), ...shuffled(blocks, seed)].join('\n');
}

function shuffleMethods(block: string, seed: number): string {
  const service = /^service\s+\w+\s*\{/m.exec(block);
  if (!service) return block;
  const start = service.index + service[0].length;
  const end = block.lastIndexOf('}');
  return `${block.slice(0, start)}\n${shuffled(topLevel(block.slice(start, end)), seed).join('\n')}\n${block.slice(end)}`;
}

/** What stands side by side in a text, each with the comments before it. */
function topLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"|[{};]/g)) {
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    if (depth > 0 || (token !== '}' && token !== ';')) continue;
    parts.push(text.slice(start, index + 1));
    start = index + 1;
  }
  return parts;
}

/** The texts of contracts that are read in one run, under one name each but for the name. */
export async function readEach(contracts: readonly Readonly<Record<string, string>>[]): Promise<string[]> {
  const named = contracts.map((files, index) => [`api${index}`, { files }] as const);
  const results = await readAll(Object.fromEntries(named));
  return named.map(([name]) => {
    const result = results.get(name);
    if (result === undefined || result instanceof Error) throw result ?? new Error('nothing came back');
    return `${result.text.replaceAll(`"${name}"`, '"api"').replace(` ${name} `, ' api ')}${JSON.stringify(Object.entries(result.names.operations).sort())}`;
  });
}
