/** Takes uploads in. A small one is read at once; a large one goes piece by piece to a thread, so that requests are answered meanwhile. */
import { Worker } from 'node:worker_threads';
import { threadEntry } from '../../lib/program.ts';
import type { Upload } from '../../registry/registrar/types.ts';
import type { BodyRead } from './read-body.ts';
import { type Asked, readUpload, type UploadOptions } from './read-upload.ts';

/** Bytes that are read where requests are served: less than a millisecond. */
const SMALL = 65_536;

/** What the thread is sent: pieces of the body, then that it was all. */
export type ToReader = { readonly piece: Uint8Array } | 'end';

/**
 * @param body pieces of the body; its length is bounded already
 * @param startReader what reads a large one
 * @throws what the body rejects with when its sender goes
 */
export async function takeUpload(
  body: AsyncIterable<Uint8Array> | null,
  options: UploadOptions,
  startReader = startThread,
): Promise<BodyRead<Asked>> {
  const first: Uint8Array[] = [];
  let bytes = 0;
  let reader: Reader | undefined;
  try {
    for await (const piece of body ?? []) {
      bytes += piece.length;
      if (!reader && bytes <= SMALL) {
        first.push(piece);
        continue;
      }
      if (!reader) {
        reader = startReader(options);
        for (const each of first) reader.add(each);
      }
      reader.add(piece);
    }
    return reader ? await reader.end() : await readUpload(Buffer.concat(first), options);
  } finally {
    reader?.stop();
  }
}

export type Reader = { add(piece: Uint8Array): void; end(): Promise<BodyRead<Asked>>; stop(): void };

function startThread(options: UploadOptions): Reader {
  const { entry, isText } = threadEntry(new URL('./upload-worker', import.meta.url));
  const thread = new Worker(entry, { workerData: options, eval: isText, execArgv: [] });
  const answer = new Promise<BodyRead<Asked>>((resolve, reject) => {
    thread.once('message', (read: BodyRead<Asked>) => resolve(revived(read)));
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('The thread that reads an upload ended without an answer.')));
  });
  // Whoever stops it does not wait for it.
  answer.catch(() => undefined);
  const tell = (message: ToReader, owned: ArrayBuffer[] = []): void => thread.postMessage(message, owned);
  return {
    add(piece) {
      // Given away, not copied, but for one that lies in memory with others.
      const isAlone = piece.buffer.byteLength === piece.byteLength && piece.buffer instanceof ArrayBuffer;
      const own = isAlone ? new Uint8Array(piece.buffer as ArrayBuffer) : new Uint8Array(piece);
      tell({ piece: own }, [own.buffer]);
    },
    end() {
      tell('end');
      return answer;
    },
    stop: () => void thread.terminate(),
  };
}

/** Buffers come out of a thread as plain bytes. */
function revived(read: BodyRead<Asked>): BodyRead<Asked> {
  if (!read.ok) return read;
  const { upload } = read.body;
  const { contract, files } = upload;
  const own: Upload = {
    ...upload,
    ...(contract && 'files' in contract ? { contract: { ...contract, files: buffers(contract.files) } } : {}),
    ...(files ? { files: buffers(files) } : {}),
  };
  return { ok: true, body: { ...read.body, upload: own } };
}

function buffers(files: ReadonlyMap<string, Uint8Array>): Map<string, Buffer> {
  return new Map(
    [...files].map(([path, bytes]) => [path, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)]),
  );
}
