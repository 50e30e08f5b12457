import { hasSteps } from '../../lib/url-path.ts';
import { type ParameterStyle, pathParameter } from './parameters.ts';

/** Arguments by the name their placeholder has on the wire. */
export type PathFiller = (lookUp: (name: string) => unknown) => PathResult;
export type PathResult =
  | { path: string }
  | { /** The parameter whose value cannot stand there. */ refused: string }
  | { /** The template itself leads elsewhere than it says. */ refused: undefined };

type Segment = { parts: readonly (string | ParameterStyle)[]; filled: boolean };

/** A segment that a parser of URLs takes as a step through the tree, in any spelling (RFC 3986 §5.2.4, WHATWG URL). */
const DOT_SEGMENT = /^(\.|%2e){0,2}$/i;

/**
 * Prepares a path template (`/customers/{customerId}`). Values can never leave their place: a `/` inside is encoded, and a
 * segment that would become empty, `.` or `..` is refused, as a missing value is; the answer names the parameter. A template that
 * holds `.` or `..` itself is refused whatever the values are: it could lead out of the endpoint's path.
 *
 * @param template path of the contract; its own query goes on standing, a fragment is dropped
 */
export function preparePath(template: string, parameters: readonly ParameterStyle[]): PathFiller {
  if (hasSteps(template)) return () => ({ refused: undefined });
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const [text = ''] = template.split('#');
  const [path = '', ...query] = text.split('?');
  const tail = query.length === 0 ? '' : `?${printable(query.join('?'))}`;
  const segments = path.split('/').map((segment) => parseSegment(segment, byName));

  return (lookUp) => {
    const done: string[] = [];
    for (const { parts, filled } of segments) {
      let segment = '';
      let last = '';
      for (const part of parts) {
        if (typeof part === 'string') {
          segment += part;
          continue;
        }
        const value = lookUp(part.name);
        if (value === null || value === undefined) return { refused: part.name };
        last = part.name;
        try {
          segment += pathParameter(part, value);
        } catch {
          return { refused: part.name };
        }
      }
      if (filled && DOT_SEGMENT.test(segment)) return { refused: last };
      done.push(segment);
    }
    return { path: done.join('/') + tail };
  };
}

function parseSegment(segment: string, byName: ReadonlyMap<string, ParameterStyle>): Segment {
  const parts: (string | ParameterStyle)[] = [];
  let end = 0;
  for (const match of segment.matchAll(/\{([^{}]*)\}/g)) {
    if (match.index > end) parts.push(printable(segment.slice(end, match.index)));
    const name = match[1] ?? '';
    // A placeholder that nobody described has no value, and the call says so.
    parts.push(byName.get(name) ?? { name, style: 'simple', explode: false });
    end = match.index + match[0].length;
  }
  if (end < segment.length) parts.push(printable(segment.slice(end)));
  return { parts, filled: end > 0 };
}

/** What the contract wrote, with nothing in it that a request line cannot hold. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]+|["<>\\^`{|}]/g, (found) => encodeURIComponent(found));
}
