/**
 * The text of a .proto made ready for protobufjs, which knows less than protoc: custom options go (they shape no message, and
 * their values have forms protobufjs cannot read), names get letters it can read. Lines stay where they are.
 */

import { buildDefaults } from '../../config/build.ts';
import { createGroupMover } from './oneof-groups.ts';

export type ProtoImport = { path: string; line: number; weak: boolean };
export type ProtoText = {
  text: string;
  imports: ProtoImport[];
  /** What keeps it from the parser, and on which line. */
  fault?: { line: number; reason: string };
};

/** What stands for a hyphen in names while protobufjs reads them. */
export const HYPHEN = '_hyphen_';
/** What a thing named `__proto__` is called: protobufjs passes over that name. */
export const PROTO = 'proto_of_object';

/** Letters of a name or a keyword. */
const MAX_NAME = 1024;
/** Fields of one message: protobufjs looks at all of them for each, also where requests are served. */
export const MAX_FIELDS = 2000;

type Token = { text: string; start: number; end: number };
type Edit = { start: number; end: number; text: string };

// What is not closed goes on to its end, so that no text is looked at twice.
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?|[A-Za-z_]\w*(?:-[A-Za-z_]\w*)*|\S/g;
const OPENING = new Set(['{', '[', '(']);
const CLOSING = new Set(['}', ']', ')']);
const VERBS = new Set(['get', 'put', 'post', 'delete', 'patch']);

/**
 * Reads tokens and rewrites what protobufjs need not or cannot know. Never throws: what is no .proto is left for the parser to refuse.
 * @param maxDepth most brackets inside each other; text with more is given back as it is, and is not for the parser
 */
export function prepareProto(source: string, maxDepth = buildDefaults.maxDepth): ProtoText {
  const text = source.replace(/^\uFEFF/, '');
  const tokens = tokensOf(text);
  const fault = findFault(tokens, maxDepth);
  if (fault)
    return { text, imports: [], fault: { line: createLineCounter(text).at(fault.at.start), reason: fault.reason } };
  const edits: Edit[] = [];
  const imports: ProtoImport[] = [];
  const lines = createLineCounter(text);
  const groups = createGroupMover();
  let isStart = true;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    const word = token.text;
    const end = isStart ? statementEnd(tokens, at) : at;
    if (isStart && word === 'import') {
      const path = tokens.slice(at, end).find((each) => /^["']/.test(each.text));
      const kind = tokens[at + 1]?.text;
      // `import option` (edition 2024) is for options alone.
      if (path && kind !== 'option')
        imports.push({ path: path.text.slice(1, -1), line: lines.at(token.start), weak: kind === 'weak' });
      edits.push(blank(text, token, tokens[end] ?? token, ''));
      at = end;
    } else if (isStart && word === 'option' && isCustom(tokens, at, end)) {
      edits.push(blank(text, token, tokens[end] ?? token, httpVerbs(tokens.slice(at, end))));
      at = end;
    } else if (
      isStart &&
      (word === 'export' || word === 'local') &&
      /^(message|enum)$/.test(tokens[at + 1]?.text ?? '')
    ) {
      edits.push({ start: token.start, end: token.end, text: '' });
      continue;
    } else if (isStart && word === 'edition') {
      // What edition 2024 adds changes nothing here.
      const value = tokens[at + 2];
      if (value && /^["']2024["']$/.test(value.text))
        edits.push({ start: value.start, end: value.end, text: '"2023"' });
    } else if (word === '[') {
      const close = matching(tokens, at);
      // Options of a group are nothing that protobufjs reads.
      if (groups.isHead()) edits.push(blank(text, token, tokens[close] ?? token, ''));
      else edits.push(keepPlainOptions(text, tokens.slice(at, close + 1)));
      at = close;
    } else {
      const name = readableName(word);
      const around = groups.around(word, isStart, readableName(tokens[at + 1]?.text ?? ''));
      const written = around.before + name + around.after;
      if (written !== word) edits.push({ start: token.start, end: token.end, text: written });
    }
    const last = tokens[at]?.text;
    isStart = last === ';' || last === '{' || last === '}';
  }
  return { text: applied(text, edits), imports };
}

function readableName(word: string): string {
  if (!/^[A-Za-z_]/.test(word)) return word;
  return word === '__proto__' ? PROTO : word.replaceAll('-', HYPHEN);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    if (match[0].startsWith('//') || match[0].startsWith('/*')) continue;
    tokens.push({ text: match[0], start: match.index, end: match.index + match[0].length });
  }
  return tokens;
}

/** Text that the parser would take too long for, or too much of the stack. */
function findFault(tokens: readonly Token[], maxDepth: number): { at: Token; reason: string } | undefined {
  const blocks: { keyword: string; statements: number }[] = [];
  for (const [index, at] of tokens.entries()) {
    const { text } = at;
    if (text.length > MAX_NAME && /^[A-Za-z_]/.test(text))
      return { at, reason: `holds a name of ${text.length} characters: at most ${MAX_NAME} are read` };
    if (OPENING.has(text)) blocks.push({ keyword: tokens[index - 2]?.text ?? '', statements: 0 });
    if (blocks.length > maxDepth) return { at, reason: `is nested deeper than ${maxDepth} levels` };
    const ended = CLOSING.has(text) ? blocks.pop() : undefined;
    const block = blocks.at(-1);
    if (block?.keyword !== 'message' && block?.keyword !== 'oneof') continue;
    // What stands in a oneof are fields of the message.
    block.statements += ended?.keyword === 'oneof' ? ended.statements : Number(text === ';');
    if (block.statements > MAX_FIELDS) return { at, reason: `has a message with more than ${MAX_FIELDS} fields` };
  }
  return undefined;
}

/** The position of the `;` that ends the statement at `at`, braces inside skipped; the last token where there is none. */
function statementEnd(tokens: readonly Token[], at: number): number {
  const word = tokens[at]?.text;
  if (word !== 'option' && word !== 'import') return at;
  let depth = 0;
  for (let index = at; index < tokens.length; index += 1) {
    const { text } = tokens[index] as Token;
    if (OPENING.has(text)) depth += 1;
    if (CLOSING.has(text)) depth -= 1;
    if (depth < 0) return index - 1;
    if (depth === 0 && text === ';') return index;
  }
  return tokens.length - 1;
}

function matching(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    const { text } = tokens[index] as Token;
    if (OPENING.has(text)) depth += 1;
    if (CLOSING.has(text)) depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length - 1;
}

/** Whether an option's name has a part in parentheses. */
function isCustom(tokens: readonly Token[], at: number, end: number): boolean {
  for (let index = at + 1; index < end; index += 1) {
    const text = tokens[index]?.text;
    if (text === '(' || text === '=') return text === '(';
  }
  return false;
}

/** `option (google.api.http) = { … }` in the one form that is read later: all verbs it binds. */
function httpVerbs(tokens: readonly Token[]): string {
  const name = tokens.map(({ text }) => text).join('');
  if (!/^option\(\.?google\.api\.http\)/.test(name)) return '';
  const found = tokens.filter(({ text }, index) => {
    const [before, after] = [tokens[index - 1]?.text, tokens[index + 1]?.text];
    return VERBS.has(text) && (after === ':' || after === '=' || before === '.');
  });
  return `option http_verbs = "${found.map(({ text }) => text).join(' ')}";`;
}

/** `[deprecated = true, (custom) = { … }]` → `[deprecated = true]`. */
function keepPlainOptions(text: string, tokens: readonly Token[]): Edit {
  const [first] = tokens as [Token];
  const last = tokens.at(-1) as Token;
  const entries: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(1, -1)) {
    if (OPENING.has(token.text)) depth += 1;
    if (CLOSING.has(token.text)) depth -= 1;
    if (depth === 0 && token.text === ',') entries.push([]);
    else entries.at(-1)?.push(token);
  }
  const kept = entries.filter((entry) => entry.length > 0 && !entry.some((token) => OPENING.has(token.text)));
  const written = kept.map((entry) =>
    entry.map((token, index) => spaceBefore(token, entry[index - 1]) + token.text).join(''),
  );
  return blank(text, first, last, kept.length > 0 ? `[${written.join(', ')}]` : '');
}

function spaceBefore(token: Token, before: Token | undefined): string {
  return before && before.end < token.start ? ' ' : '';
}

/** Puts `instead` in place of the text from one token to another, and keeps its line breaks. */
function blank(text: string, from: Token, to: Token, instead: string): Edit {
  const lines = text.slice(from.start, to.end).split('\n').length - 1;
  return { start: from.start, end: to.end, text: instead + '\n'.repeat(lines) };
}

function applied(text: string, edits: readonly Edit[]): string {
  let result = '';
  let done = 0;
  for (const edit of edits) {
    result += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return result + text.slice(done);
}

/** Numbers of lines for offsets that only grow. */
function createLineCounter(text: string): { at: (offset: number) => number } {
  let line = 1;
  let done = 0;
  return {
    at: (offset) => {
      for (let next = text.indexOf('\n', done); next >= 0 && next < offset; next = text.indexOf('\n', done)) {
        line += 1;
        done = next + 1;
      }
      return line;
    },
  };
}
