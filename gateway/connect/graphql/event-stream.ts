/** The format of server-sent events (WHATWG HTML §9.2.5, "Parsing an event stream"), as far as a subscription needs it. */
import { PayloadError } from '../rest/outcome.ts';

/** `name` is `message` where the stream gives none. */
export type SentEvent = { name: string; data: string };

export type EventReader = {
  /**
   * Takes the next bytes of the stream, and gives the events that end in them. They have to be read to their end.
   *
   * @throws PayloadError when an event is too large
   */
  read(bytes: Uint8Array): Iterable<SentEvent>;
};

const LF = 0x0a;
const CR = 0x0d;
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Makes events of bytes, however those were cut. Comments, ids and retry times are passed over.
 *
 * @param maxBytes largest event, its field names included; the largest comment too
 */
export function createEventReader(maxBytes: number): EventReader {
  /** The beginning of a line whose end has not come yet. */
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  let eventBytes = 0;
  let name = '';
  let data: string[] = [];
  let isFirst = true;
  let afterReturn = false;

  function keep(bytes: Uint8Array): void {
    partBytes += bytes.length;
    if (eventBytes + partBytes > maxBytes) throw new PayloadError(`an event is larger than ${maxBytes} bytes`);
    if (bytes.length > 0) parts.push(bytes);
  }

  function takeLine(): string {
    let line = Buffer.concat(parts, partBytes).toString('utf8');
    if (isFirst && line.startsWith(BYTE_ORDER_MARK)) line = line.slice(1);
    isFirst = false;
    if (!line.startsWith(':')) eventBytes += partBytes;
    parts = [];
    partBytes = 0;
    return line;
  }

  /** An event without data is none, but for one whose name says it all. */
  function finish(): SentEvent[] {
    const events = data.length > 0 || name !== '' ? [{ name: name || 'message', data: data.join('\n') }] : [];
    name = '';
    data = [];
    eventBytes = 0;
    return events;
  }

  function readField(line: string): void {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') name = value;
    else if (field === 'data') data.push(value);
  }

  return {
    *read(bytes) {
      let start = 0;
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at];
        // A line ends with CR, LF or both.
        const isPair = byte === LF && afterReturn;
        afterReturn = byte === CR;
        if (isPair) start = at + 1;
        else if (byte === LF || byte === CR) {
          keep(bytes.subarray(start, at));
          start = at + 1;
          const line = takeLine();
          if (line === '') yield* finish();
          else readField(line);
        }
      }
      keep(bytes.subarray(start));
    },
  };
}
