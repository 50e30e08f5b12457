/** Answers in parts as a client reads them: server-sent events and multipart bodies. */

/** The part as JSON, or the name of an event without data. */
export type Part = unknown;

export type Parts = AsyncIterableIterator<Part> & {
  /** Resolves with the next so many parts. */
  take(count: number): Promise<Part[]>;
  /** Resolves with all that are still to come. */
  rest(): Promise<Part[]>;
  /** Comment lines and the like that came so far. */
  readonly comments: () => number;
  /** Leaves without reading on. */
  leave(): Promise<void>;
};

/** Reads `text/event-stream` (HTML standard §9.2.6): `next` events as JSON, `complete` as the end. */
export function readEvents(response: Response): Parts {
  return readParts(response, '\n\n', (block, comment) => {
    const lines = block.split('\n').filter((line) => line !== '');
    if (lines.every((line) => line.startsWith(':'))) {
      comment();
      return undefined;
    }
    const of = (field: string) =>
      lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).trim());
    if (of('event')[0] === 'complete') return 'end';
    return { part: JSON.parse(of('data').join('\n')) as Part };
  });
}

/** Reads `multipart/mixed` (RFC 2046 §5.1) with the boundary `-`. */
export function readMultipart(response: Response): Parts {
  return readParts(response, '\r\n---', (block) => {
    if (block === '' || block.startsWith('\r\n---')) return undefined;
    if (block.startsWith('--')) return 'end';
    return { part: JSON.parse(block.slice(block.indexOf('\r\n\r\n') + 4)) as Part };
  });
}

function readParts(
  response: Response,
  separator: string,
  parse: (block: string, comment: () => void) => { part: Part } | 'end' | undefined,
): Parts {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  let comments = 0;
  let ended = false;
  async function next(): Promise<IteratorResult<Part>> {
    while (!ended) {
      const at = text.indexOf(separator);
      if (at >= 0) {
        const found = parse(text.slice(0, at), () => (comments += 1));
        text = text.slice(at + separator.length);
        if (found === 'end') ended = true;
        else if (found !== undefined) return { done: false, value: found.part };
        continue;
      }
      const { done, value } = await reader.read();
      if (done) ended = true;
      else text += decoder.decode(value, { stream: true });
    }
    return { done: true, value: undefined };
  }
  const parts: Parts = {
    [Symbol.asyncIterator]() {
      return this;
    },
    next,
    async take(count) {
      const taken: Part[] = [];
      while (taken.length < count) {
        const { done, value } = await next();
        if (done === true) throw new Error(`only ${taken.length} parts came: ${JSON.stringify(taken)}`);
        taken.push(value);
      }
      return taken;
    },
    async rest() {
      const all: Part[] = [];
      for await (const part of parts) all.push(part);
      return all;
    },
    comments: () => comments,
    leave: () => reader.cancel(),
  };
  return parts;
}
