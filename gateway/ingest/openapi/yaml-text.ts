import { Composer, type CST, type Document, Lexer, LineCounter, type ParsedNode, Parser } from 'yaml';

/** Uses of one anchor, multiplied by those inside of it. */
const MAX_ALIASES = 100_000;
/** What the parser holds beside the levels of a document: the document itself, and a scalar. */
const BESIDE_LEVELS = 2;

/** Collections are nested deeper than they may be. */
export class TooDeep extends Error {}
/** An object has more names than it may have. */
export class TooWide extends Error {}

export type YamlBounds = { readonly maxDepth: number; readonly maxNames: number };

/**
 * The value of a YAML 1.2 text: core schema (dates stay text, `no` is no boolean), merge keys, of keys written twice the last one.
 *
 * The parser keeps levels in a list of its own, so it can be stopped at the first that is too deep or holds too much: what makes values of
 * its tokens recurses, and takes the longer the deeper they are.
 *
 * @throws TooDeep, TooWide, or an error that tells the first fault of the text with its place
 */
export function readYaml(text: string, bounds: YamlBounds): unknown {
  const lines = new LineCounter();
  const composer = new Composer({
    // Also where the file says `%YAML 1.1`, and whatever tags it uses.
    schema: 'core',
    resolveKnownTags: false,
    merge: true,
    uniqueKeys: false,
    strict: false,
    logLevel: 'error',
  });
  let first: Document.Parsed<ParsedNode> | undefined;
  for (const document of composer.compose(boundedTokens(text, bounds, lines), true, text.length)) {
    if (first) throw new Error(`there is more than one document${placeOf(document.range[0], lines)}`);
    first = document;
  }
  const fault = first?.errors[0];
  if (fault) throw new Error(`${fault.message}${placeOf(fault.pos[0], lines)}`);
  return first?.toJS({ maxAliasCount: MAX_ALIASES });
}

function* boundedTokens(
  text: string,
  { maxDepth, maxNames }: YamlBounds,
  lines: LineCounter,
): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > maxDepth + BESIDE_LEVELS) throw new TooDeep();
    const top = parser.stack.at(-1);
    if (top && isObject(top) && top.items.length > maxNames) throw new TooWide();
  }
  yield* parser.end();
}

function isObject(token: CST.Token): token is CST.BlockMap | CST.FlowCollection {
  return token.type === 'block-map' || (token.type === 'flow-collection' && token.start.source === '{');
}

function placeOf(offset: number, lines: LineCounter): string {
  if (offset < 0) return '';
  const { line, col } = lines.linePos(offset);
  return ` at line ${line}, column ${col}`;
}
