/**
 * YAML as plain values that still know where they stand. `${NAME}` and `${NAME:default}` inside text become environment values;
 * `$${` writes the two characters themselves.
 */

import type { Document, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Environment } from './env.ts';
import type { Fault } from './faults.ts';

export type Place = { readonly line: number; readonly column: number };
export type Path = readonly (string | number)[];

export type ConfigDocument = {
  readonly file: string;
  /** Plain values: maps, lists, text, numbers, booleans, null. An empty file is an empty map. */
  readonly value: unknown;
  readonly faults: readonly Fault[];
  /** Names of the environment variables that it is filled in from, set or not. */
  readonly variables: ReadonlySet<string>;
  /** Where the value at a path stands, or the nearest thing above it that exists. */
  placeOf(path: Path): Place;
  /** Where the key at a path stands. */
  placeOfKey(path: Path): Place;
};

/** YAML expands aliases; a small file must not become a large value ("billion laughs"). */
const maxAliases = 50;
/** Deeper than any file of ours, and far from the limit of the stack. */
const maxDepth = 40;
/** Columns of indentation, list dashes included: block nesting costs at least one column a level. */
const maxMargin = 200;

const variable = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}|\$\{/g;

/** Reads one YAML document; faults are collected, never thrown. */
export function readDocument(input: {
  readonly text: string;
  readonly file: string;
  readonly env: Environment;
}): ConfigDocument {
  const { file } = input;
  const counter = new LineCounter();
  const faults: Fault[] = [];
  const variables = new Set<string>();
  const place = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };
  const report = (offset: number, message: string, path = ''): void => {
    faults.push({ file, ...place(offset), path, message });
  };

  const deepAt = findDepth(input.text);
  if (deepAt !== undefined) {
    const fault = { file, line: deepAt, column: 1, path: '', message: `is nested deeper than ${maxDepth} levels` };
    return { file, value: {}, faults: [fault], variables, placeOf: () => fault, placeOfKey: () => fault };
  }
  const document = parseDocument(input.text, {
    lineCounter: counter,
    prettyErrors: false,
    logLevel: 'silent',
    uniqueKeys: false, // The parser's own check is quadratic: two minutes for a file of 1 MiB.
  });
  for (const error of document.errors) report(error.pos[0], `is not valid YAML: ${error.message}`);

  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : key;
        if (seen.has(name)) report(startOf(key), 'this key stands here twice');
        seen.add(name);
      }
    },
    Pair(_, pair) {
      const key = isScalar(pair.key) ? pair.key : undefined;
      if (key === undefined || typeof key.value === 'object') report(startOf(pair.key), 'keys must be plain text');
      else if (key.value === '__proto__') report(startOf(key), 'this key is not allowed');
    },
    Scalar(role, node) {
      if (role === 'key') return;
      for (const name of variablesIn(node.value)) variables.add(name);
      interpolate(node, input.env, (message) => report(startOf(node), message));
    },
  });

  const find = createFinder(document);
  return {
    file,
    value: faults.length === 0 ? toValue(document, (message) => report(0, message)) : {},
    faults,
    variables,
    placeOf: (path) => place(find(path).offset),
    placeOfKey: (path) => place(find(path).keyOffset),
  };
}

/** Names of the environment variables that a text is filled in from; what is no text has none. */
export function variablesIn(value: unknown): string[] {
  if (typeof value !== 'string') return [];
  return [...value.matchAll(variable)].flatMap(([, name]) => name ?? []);
}

function toValue(document: Document, report: (message: string) => void): unknown {
  try {
    return document.toJS({ maxAliasCount: maxAliases }) ?? {};
  } catch {
    report(`expands more than ${maxAliases} aliases: write the values out`);
    return {};
  }
}

function interpolate(node: Scalar, env: Environment, report: (message: string) => void): void {
  if (typeof node.value !== 'string' || !node.value.includes('${')) return;
  const before = node.value;
  const after = before.replace(variable, (match: string, name?: string, fallback?: string) => {
    if (match === '$${') return '${';
    if (name === undefined) {
      report('holds a "${" that is not ${NAME} or ${NAME:default}: write $${ for the text itself');
      return match;
    }
    const value = env[name];
    // An empty variable is what deployment tools make of a forgotten one.
    if (value !== undefined && value !== '') return value;
    if (fallback === undefined) report(`needs the environment variable ${name}, which is not set`);
    return fallback ?? '';
  });
  const whole = node.type === 'PLAIN' && /^\$\{[^}]*\}$/.test(before);
  node.value = whole ? typed(after) : after;
}

/** `port: ${PORT}` has to be a number although the environment only knows text; in quotes it stays text. */
function typed(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

function startOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}

/** Position of any path. Pairs are indexed once per map: looking through a map for each of its faults would be quadratic. */
function createFinder(document: Document): (path: Path) => { offset: number; keyOffset: number } {
  const indexes = new Map<YAMLMap, Map<string, Pair>>();
  const indexOf = (map: YAMLMap): Map<string, Pair> => {
    let index = indexes.get(map);
    if (index === undefined) {
      index = new Map(map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]));
      indexes.set(map, index);
    }
    return index;
  };
  return (path) => {
    let node: unknown = document.contents;
    let offset = startOf(node);
    let keyOffset = offset;
    for (const step of path) {
      const here = isAlias(node) ? node.resolve(document) : node;
      const pair = isMap(here) ? indexOf(here).get(String(step)) : undefined;
      if (pair !== undefined) {
        keyOffset = startOf(pair.key);
        node = pair.value;
        offset = node === null ? keyOffset : startOf(node);
      } else if (isSeq(here) && typeof step === 'number' && here.items[step] !== undefined) {
        node = here.items[step];
        offset = startOf(node);
        keyOffset = offset;
      } else {
        // Missing: the key above is the line to look at.
        return { offset: keyOffset, keyOffset };
      }
    }
    return { offset, keyOffset };
  };
}

/**
 * Line (from 1) on which nesting passes the limit, by brackets or by indentation. The parser recurses and a hostile file can end
 * the process, so this is looked at before it is parsed; brackets inside text count too, which only refuses absurd files.
 */
function findDepth(text: string): number | undefined {
  let depth = 0;
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    const margin = /^[ \t?-]*/.exec(line)?.[0].length ?? 0;
    if (margin > maxMargin) return number;
    for (const letter of line) {
      if (letter === '[' || letter === '{') depth += 1;
      else if (letter === ']' || letter === '}') depth = Math.max(0, depth - 1);
      if (depth > maxDepth) return number;
    }
  }
  return undefined;
}
