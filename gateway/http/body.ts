/** Bodies are read here and nowhere else: bounded in size by the limit, in time by the request's budget. */
import type { Readable } from 'node:stream';
import { GatewayError } from '../errors.ts';

export type BodyOptions = {
  readonly limitBytes: number;
  /** The request's budget. */
  readonly signal: AbortSignal;
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
export async function readBody(body: Readable, { limitBytes, signal, length }: BodyOptions): Promise<string> {
  if (length !== undefined && Number(length) > limitBytes) throw tooLarge(limitBytes);
  return await new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const settle = (act: () => void): void => {
      body.off('data', take);
      body.off('end', end);
      body.off('close', broken);
      signal.removeEventListener('abort', abort);
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
    const abort = (): void => fail(tooSlow(signal));
    body.on('data', take);
    body.once('end', end);
    body.once('close', broken);
    // Stays after settling: a late error of an abandoned stream must not end the process.
    body.on('error', broken);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

function tooLarge(limitBytes: number): GatewayError {
  const message = `The body of the request is larger than ${limitBytes} bytes: shorten or split the operation.`;
  return new GatewayError('BAD_REQUEST', { status: 413, message, headers: close });
}

function tooSlow(signal: AbortSignal): GatewayError {
  if ((signal.reason as Error).name === 'AbortError')
    return new GatewayError('CLIENT_CLOSED', { cause: signal.reason });
  const message = 'The body of the request did not end in time: send it faster, or allow more time.';
  return new GatewayError('BAD_REQUEST', { status: 408, message, headers: close });
}
