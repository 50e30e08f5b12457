/**
 * GraphQL parameters with files, as the GraphQL multipart request specification (version 2, github.com/jaydenseric) has them: the parts
 * `operations` and `map`, then the files. Files are handed on as they come. The only file that parses forms of parts.
 */
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { GatewayError } from '../errors.ts';
import type { Abortable } from '../lib/ending.ts';
import { isRecord } from '../lib/json.ts';
import type { BodyOptions } from './body.ts';
import { type Files, openFiles } from './files.ts';
import { type Params, parseBody } from './params.ts';
import { placeFiles } from './place-files.ts';

export type MultipartOptions = BodyOptions & {
  readonly contentType: string;
  /** Of the two parts before the files each, and of files in memory. */
  readonly partBytes: number;
  readonly maxFiles: number;
  readonly randomId: () => string;
};

export type MultipartRequest = {
  /** Ready when the first file may come. Rejects with GatewayError BAD_REQUEST, CLIENT_CLOSED. */
  readonly params: Promise<Params>;
  /** Ends what still comes: nobody waits for it any more. */
  release(): void;
};

const CLOSE = { connection: 'close' };

export function isMultipart(contentType: string | undefined): contentType is string {
  return /^multipart\/form-data\s*(;|$)/i.test(contentType ?? '');
}

/** Begins to read a request with files. What is too much, or broken, fails `params`, and files that were handed on already. */
export function readMultipart(body: Readable, options: MultipartOptions): MultipartRequest {
  const { over, limitBytes, length } = options;
  const files = openFiles({ heldBytes: options.partBytes, randomId: options.randomId });
  let fail = (error: GatewayError): void => files.fail(error);
  let release = (): void => undefined;
  const params = new Promise<Params>((resolve, reject) => {
    let size = 0;
    let isOver = false;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limitBytes) fail(tooLarge(limitBytes));
      else if (!parser.write(chunk)) {
        body.pause();
        parser.once('drain', () => body.resume());
      }
    };
    const end = (): void => void parser.end();
    const broken = (): void => fail(bad('The body of the request broke off.'));
    const abort = (): void => fail(reasonOf(over));
    const settle = (): void => {
      body.off('data', take);
      body.off('end', end);
      body.off('close', closed);
      over.removeEventListener('abort', abort);
    };
    const closed = (): void => (body.readableEnded ? settle() : broken());
    fail = (error) => {
      isOver = true;
      settle();
      body.pause();
      reject(error);
      files.fail(error);
    };
    release = () => {
      // What failed says in its answer that the connection is closed.
      if (isOver) return;
      isOver = true;
      settle();
      files.fail(bad('Nobody waits for the file any more.'));
      // The rest is of no use, but a connection that is kept needs to be rid of it.
      body.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limitBytes) body.destroy();
      });
      body.resume();
    };
    const parser = createParser(options, files, resolve, fail);
    if (Number(length) > limitBytes) fail(tooLarge(limitBytes));
    if (isOver) return;
    body.on('data', take);
    body.once('end', end);
    body.once('close', closed);
    // Stays after settling: a late error of an abandoned stream must not end the process.
    body.on('error', broken);
    over.addEventListener('abort', abort, { once: true });
    if (over.aborted) abort();
  });
  // Who waits for it hears of it; who does not must not end the process.
  params.catch(() => undefined);
  return { params, release: () => release() };
}

type Parser = Pick<ReturnType<typeof Busboy>, 'write' | 'end' | 'once'>;

/** Parts in their order: `operations`, `map`, files. */
function createParser(
  { contentType, partBytes, maxFiles }: MultipartOptions,
  files: Files,
  resolve: (params: Params) => void,
  fail: (error: GatewayError) => void,
): Parser {
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      fail(error instanceof GatewayError ? error : bad('The form of parts is malformed.', error));
    }
  };
  let operations: Params | undefined;
  let isMapped = false;
  const take = (name: string, text: string): void => {
    if (name === 'operations' && !operations) operations = parseBody(text);
    else if (name === 'map' && operations && !isMapped) {
      isMapped = true;
      placeFiles(operations, parseMap(text), maxFiles, (key) => files.expect(key));
      resolve(operations);
    } else throw bad('The parts of the form come in another order: send operations, then map, then the files.');
  };
  let parser: ReturnType<typeof Busboy> | undefined;
  guarded(() => {
    parser = Busboy({
      headers: { 'content-type': contentType },
      limits: {
        fieldSize: partBytes,
        fields: 2,
        files: maxFiles,
        parts: maxFiles + 2,
        headerPairs: 20,
        headerSize: 8192,
      },
    });
  });
  if (!parser) return { write: () => true, end: () => undefined, once: () => undefined } as unknown as Parser;
  parser.on('field', (name, text, _nameCut, isCut) =>
    guarded(() => {
      if (isCut) throw tooLarge(partBytes);
      take(name, text);
    }),
  );
  parser.on('file', (name, stream, filename, _encoding, mediaType) =>
    guarded(() => {
      // Late errors of a stream that nobody reads any more.
      stream.on('error', () => undefined);
      if (!isMapped) throw bad('A file came before operations and map: send these first.');
      files.arrive(name, { name: filename ?? '', mediaType, stream });
    }),
  );
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    parser.on(limit, () => fail(bad(`The form has too many parts: send at most ${maxFiles} files.`)));
  parser.on('error', (error) => fail(bad('The form of parts is malformed.', error)));
  parser.on('finish', () =>
    guarded(() => {
      if (!isMapped) throw bad('The form lacks a part: send operations, then map, then the files.');
      files.finish();
    }),
  );
  return parser;
}

function parseMap(text: string): Readonly<Record<string, unknown>> {
  let map: unknown;
  try {
    map = JSON.parse(text);
  } catch (cause) {
    throw bad('The part "map" is not valid JSON.', cause);
  }
  if (!isRecord(map)) throw bad('The part "map" must be an object of names and lists of paths.');
  return map;
}

function reasonOf(over: Abortable): GatewayError {
  if ((over.reason as Error).name === 'AbortError') return new GatewayError('CLIENT_CLOSED', { cause: over.reason });
  const message = 'The body of the request did not end in time: send it faster, or allow more time.';
  return new GatewayError('BAD_REQUEST', { status: 408, message, headers: CLOSE });
}

function tooLarge(limitBytes: number): GatewayError {
  const message = `The body of the request, or a part of it, is larger than ${limitBytes} bytes: send less.`;
  return new GatewayError('BAD_REQUEST', { status: 413, message, headers: CLOSE });
}

function bad(message: string, cause?: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', { message, cause, headers: CLOSE });
}
