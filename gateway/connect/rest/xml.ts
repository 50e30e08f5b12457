/** XML text as a tree (XML 1.0, fifth edition). The only file that parses XML. */
import { SaxesParser } from 'saxes';

/** An element without its prefix: names are compared as the contract writes them, whatever namespace they are in. */
export type XmlElement = {
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
  /** What stands between the tags, without that of children. */
  text: string;
};

/** The text is no XML, or more of it than is read. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

/** Levels of elements inside each other. */
const MAX_DEPTH = 100;
/** Elements and attributes of one document: each takes far more memory than its text does. */
const MAX_NODES = 500_000;

/**
 * Parses a document. There are no entities but the five that XML itself has: a document type, which could declare others, is refused.
 *
 * @throws XmlError when the text is not well-formed, has a document type, or is nested or grown beyond the bounds
 */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let nodes = 0;
  const fail = (message: string): never => {
    throw new XmlError(message);
  };
  const addText = (piece: string): void => {
    const inner = open.at(-1);
    if (inner) inner.text += piece;
  };
  parser.on('error', ({ message }) => fail(message));
  parser.on('doctype', () => fail('a document type is not read'));
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', ({ name, attributes }) => {
    const own = Object.entries(attributes).filter(([key]) => key !== 'xmlns' && !key.startsWith('xmlns:'));
    nodes += 1 + own.length;
    if (open.length >= MAX_DEPTH) fail(`nested more than ${MAX_DEPTH} levels deep`);
    if (nodes > MAX_NODES) fail(`more than ${MAX_NODES} elements and attributes`);
    const element: XmlElement = {
      name: localName(name),
      attributes: new Map(own.map(([key, value]) => [localName(key), value])),
      children: [],
      text: '',
    };
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.write(text).close();
  return root ?? fail('there is no element');
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
