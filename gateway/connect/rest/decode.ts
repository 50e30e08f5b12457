import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { PayloadError } from './outcome.ts';

const unzip = promisify(gunzip);
const unbrotli = promisify(brotliDecompress);
const undeflate = promisify(inflate);
const undeflateRaw = promisify(inflateRaw);

/** More codings on top of each other than this are an attack or a mistake. */
const MAX_CODINGS = 3;

/**
 * Takes the content codings off a body (RFC 9110 §8.4), the last one first.
 *
 * @param codings value of `content-encoding`
 * @param maxBytes limit of the decoded size, held at every step
 * @throws PayloadError when a coding is not known, the body is not in it, or it grows beyond the limit
 */
export async function decodeBody(body: Buffer, codings: string, maxBytes: number): Promise<Buffer> {
  const names = codings.split(',').map((name) => name.trim().toLowerCase());
  if (names.length > MAX_CODINGS) throw new PayloadError(`more than ${MAX_CODINGS} content codings`);
  let decoded = body;
  for (const name of names.reverse()) decoded = await decodeOne(decoded, name, maxBytes);
  return decoded;
}

async function decodeOne(body: Buffer, name: string, maxBytes: number): Promise<Buffer> {
  const limit = { maxOutputLength: maxBytes };
  // Answers without a body may still say how it would be coded.
  if (body.length === 0) return body;
  try {
    switch (name) {
      case '':
      case 'identity':
        return body;
      case 'gzip':
      case 'x-gzip':
        return await unzip(body, limit);
      case 'br':
        return await unbrotli(body, limit);
      case 'deflate':
        // Meant is zlib's format (RFC 1950), but some send the bare stream: its first byte tells them apart.
        return await (((body[0] ?? 0) & 0x0f) === 8 ? undeflate(body, limit) : undeflateRaw(body, limit));
    }
  } catch (cause) {
    throw new PayloadError(`the body could not be decoded as ${name} within ${maxBytes} bytes`, { cause });
  }
  throw new PayloadError('the content coding is not known');
}
