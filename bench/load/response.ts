/** One complete HTTP/1.1 answer cut from the front of a buffer; `end` is where the next one begins. */
export type HttpAnswer = { status: number; body: Buffer; end: number; close: boolean };

const emptyLine = Buffer.from('\r\n\r\n');

/**
 * Cuts the first answer from `bytes`, by Content-Length or chunked coding (RFC 9112, sections 6 and 7); null while it is
 * not complete.
 *
 * @throws Error when the bytes are not an answer with a length
 */
export function cutAnswer(bytes: Buffer): HttpAnswer | null {
  const headEnd = bytes.indexOf(emptyLine);
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase();
  if (!head.startsWith('http/1.1 ')) throw new Error(`not an HTTP/1.1 answer: ${head.slice(0, 60)}`);
  const status = Number(head.slice(9, 12));
  const close = head.includes('\r\nconnection: close');
  const start = headEnd + emptyLine.length;
  if (head.includes('\r\ntransfer-encoding: chunked')) {
    const decoded = decodeChunks(bytes, start);
    return decoded && { status, close, ...decoded };
  }
  const length = Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(length)) throw new Error('an answer without Content-Length and not chunked');
  const end = start + length;
  return end > bytes.length ? null : { status, close, body: bytes.subarray(start, end), end };
}

function decodeChunks(bytes: Buffer, start: number): { body: Buffer; end: number } | null {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('a chunk without a size');
    const next = lineEnd + 2 + size + 2;
    if (next > bytes.length) return null;
    if (size === 0) return { body: Buffer.concat(chunks), end: next };
    chunks.push(bytes.subarray(lineEnd + 2, next - 2));
    at = next;
  }
}
