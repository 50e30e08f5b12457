import { stringEnd } from '../../lib/json.ts';

const [QUOTE, COMMA] = [0x22, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * How a JSON text is too much to be parsed: nested too deep, or with an object of too many names. It is looked over once, without making
 * anything of it. Of a text that is no JSON it says nothing certain.
 */
export function jsonShape(
  text: string,
  { maxDepth, maxNames }: { maxDepth: number; maxNames: number },
): 'deep' | 'wide' | undefined {
  // Names so far in each object that is open, -1 for a list.
  const open: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (open.length > maxDepth) return 'deep';
      open.push(code === OPEN_OBJECT ? 1 : -1);
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) open.pop();
    else if (code === COMMA) {
      const names = open.at(-1) ?? -1;
      if (names < 0) continue;
      if (names >= maxNames) return 'wide';
      open[open.length - 1] = names + 1;
    }
  }
  return undefined;
}
