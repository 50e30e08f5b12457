/** Bodies are read here and nowhere else: bounded in size by the limit, in time by the request's budget. */
import type { Readable } from 'node:stream';
import { GatewayError } from '../errors.ts';
import type { Abortable } from '../lib/ending.ts';

export type BodyOptions = {
  readonly limitBytes: number;
  /** The request's budget. */
  readonly over: Abortable;
  /** `content-length` as sent. */
  readonly length: string | undefined;
};

// The rest of the body is not read: the connection cannot be used again.
const close = { connection: 'close' };

/**
 * The whole body as UTF-8 text.
 *
 * @throws GatewayError BAD_REQUEST with 413 (too large), 408 (did not end in time) or 400 (broke off); CLIENT_CLOSED
 */
export async function readBody(body: Readable, { limitBytes, over, length }: BodyOptions): Promise<string> {
  if (length !== undefined && Number(length) > limitBytes) throw tooLarge(limitBytes);
  return await new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const settle = (act: () => void): void => {
      body.off('data', take);
      body.off('end', end);
      body.off('close', broken);
      over.removeEventListener('abort', abort);
      act();
    };
    const fail = (error: GatewayError): void => {
      settle(() => {
        body.pause();
        reject(error);
      });
    };
    const take = (chunk: Uint8Array): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > limitBytes) fail(tooLarge(limitBytes));
    };
    const end = (): void => settle(() => resolve(Buffer.concat(chunks, size).toString('utf8')));
    const broken = (): void => fail(new GatewayError('BAD_REQUEST', { message: 'The body of the request broke off.' }));
    const abort = (): void => fail(tooSlow(over));
    body.on('data', take);
    body.once('end', end);
    body.once('close', broken);
    // Stays after settling: a late error of an abandoned stream must not end the process.
    body.on('error', broken);
    over.addEventListener('abort', abort, { once: true });
    if (over.aborted) abort();
  });
}

function tooLarge(limitBytes: number): GatewayError {
  const message = `The body of the request is larger than ${limitBytes} bytes: shorten or split the operation.`;
  return new GatewayError('BAD_REQUEST', { status: 413, message, headers: close });
}

function tooSlow(over: Abortable): GatewayError {
  if ((over.reason as Error).name === 'AbortError') return new GatewayError('CLIENT_CLOSED', { cause: over.reason });
  const message = 'The body of the request did not end in time: send it faster, or allow more time.';
  return new GatewayError('BAD_REQUEST', { status: 408, message, headers: close });
}
