const OPENING = new Set(['{', '[', '('].map((letter) => letter.charCodeAt(0)));
const CLOSING = new Set(['}', ']', ')'].map((letter) => letter.charCodeAt(0)));
const [QUOTE, BACKSLASH, LINE_END, HASH] = ['"', '\\', '\n', '#'].map((letter) => letter.charCodeAt(0));

/**
 * The line (from 1) on which brackets of a GraphQL text are first nested deeper than allowed. Parsers recurse: this is asked before
 * they are. Brackets inside of strings and comments do not count.
 */
export function deepLine(text: string, maxDepth: number): number | undefined {
  let depth = 0;
  let line = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LINE_END) line += 1;
    else if (OPENING.has(code)) {
      depth += 1;
      if (depth > maxDepth) return line;
    } else if (CLOSING.has(code)) depth -= 1;
    else if (code === QUOTE || code === HASH) {
      const end = code === HASH ? endOf(text, '\n', at) - 1 : stringEnd(text, at);
      line += linesIn(text, at, end);
      at = end;
    }
  }
  return undefined;
}

/** The last position of the string that begins at a quote (GraphQL spec §2.9.4); without an end it goes on to the end of its line. */
function stringEnd(text: string, start: number): number {
  if (text.startsWith('"""', start)) {
    let end = text.indexOf('"""', start + 3);
    while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH) end = text.indexOf('"""', end + 3);
    return end < 0 ? text.length : end + 2;
  }
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
    else if (code === LINE_END) return at - 1;
  }
  return text.length;
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}

function linesIn(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at <= to; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
