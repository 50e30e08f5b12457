/** The body of an upload as it comes in. */
import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

/**
 * Bounds it. One whose length is told is judged by that alone, which node holds it to: looking at `body` would make a Web stream of it, and those
 * cost a process that serves much where they are many megabytes.
 *
 * @param maxBytes most bytes it may have
 */
export function limitUpload(maxBytes: number, refuse: () => Response): MiddlewareHandler {
  const limitOthers = bodyLimit({ maxSize: maxBytes, onError: refuse });
  return async (context, next) => {
    const told = toldLength(context);
    if (!told) return await limitOthers(context, next);
    return told.bytes > maxBytes ? refuse() : await next();
  };
}

/** Its pieces: as node reads them where the length is told, else those of the Web stream. */
export function piecesOf(context: Context): AsyncIterable<Uint8Array> | null {
  const told = toldLength(context);
  if (told) return told.incoming;
  // It can be iterated (Streams standard, ReadableStream.values), which its type does not say.
  return context.req.raw.body as unknown as AsyncIterable<Uint8Array> | null;
}

function toldLength({ env }: Context): { incoming: IncomingMessage; bytes: number } | undefined {
  const { incoming } = (env ?? {}) as { incoming?: IncomingMessage };
  const length = incoming?.headers['content-length'];
  if (!incoming || length === undefined || incoming.headers['transfer-encoding'] !== undefined) return undefined;
  return { incoming, bytes: Number(length) };
}
