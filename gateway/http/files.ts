/** Files of one request: each is handed on while it comes, to the one who asked for it. */
import type { Readable } from 'node:stream';
import { Upload, type UploadedFile } from '../connect/upload.ts';
import { GatewayError } from '../errors.ts';

export type Arrived = { name: string; mediaType: string; stream: Readable };

export type Files = {
  /** A file that is still to come. */
  expect(key: string): Upload;
  /** A file that comes now: the next one comes when it was read, or is in memory. */
  arrive(key: string, file: Arrived): void;
  /** No more come. */
  finish(): void;
  /** Ends all with an error. */
  fail(error: GatewayError): void;
};

type Slot = {
  isWanted: boolean;
  file: Promise<UploadedFile>;
  resolve: (file: UploadedFile) => void;
  reject: (error: GatewayError) => void;
  /** While it comes and nobody has asked for it. */
  waiting?: Arrived | undefined;
  hasCome?: boolean;
};

const NAME_LENGTH = 255;
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/;

/**
 * Files come in the order that the client sends them, and are wanted in another, perhaps: one that comes before it is wanted waits, and
 * when a later one is wanted first it is taken into memory.
 *
 * @param heldBytes most that all files take in memory
 */
export function openFiles({ heldBytes, randomId }: { heldBytes: number; randomId: () => string }): Files {
  const slots = new Map<string, Slot>();
  const streams = new Set<Readable>();
  let left = heldBytes;

  function proceed(): void {
    const all = [...slots.values()];
    for (const slot of all) {
      const { waiting } = slot;
      if (!waiting) continue;
      const isInTheWay = all.some((other) => other.isWanted && !other.hasCome);
      if (!slot.isWanted && !isInTheWay) continue;
      slot.waiting = undefined;
      if (slot.isWanted) slot.resolve({ ...shown(waiting), content: contentOf(waiting.stream) });
      else hold(slot, waiting);
    }
  }

  function hold(slot: Slot, file: Arrived): void {
    const chunks: Buffer[] = [];
    file.stream.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left >= 0) chunks.push(chunk);
      else
        slot.reject(
          refused('Files have to come in the order they are used in, or be smaller: send them in that order.'),
        );
    });
    file.stream.once('end', () => slot.resolve({ ...shown(file), content: inMemory(chunks) }));
  }

  return {
    expect(key) {
      const slot = createSlot();
      slots.set(key, slot);
      return new Upload(randomId(), () => {
        slot.isWanted = true;
        proceed();
        return slot.file;
      });
    },
    arrive(key, file) {
      const slot = slots.get(key);
      // What nobody expects, or came already, is let go.
      if (!slot || slot.hasCome) return void file.stream.resume();
      slot.hasCome = true;
      slot.waiting = file;
      streams.add(file.stream);
      file.stream.once('close', () => streams.delete(file.stream));
      proceed();
    },
    finish() {
      for (const [key, slot] of slots) {
        if (!slot.hasCome)
          slot.reject(refused(`The file ${JSON.stringify(key.slice(0, 100))} of the part "map" did not come.`));
      }
    },
    fail(error) {
      for (const slot of slots.values()) slot.reject(error);
      for (const stream of streams) stream.destroy(error);
    },
  };
}

function createSlot(): Slot {
  let resolve: Slot['resolve'] = () => undefined;
  let reject: Slot['reject'] = () => undefined;
  const file = new Promise<UploadedFile>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  // It may fail with nobody waiting for it.
  file.catch(() => undefined);
  return { isWanted: false, file, resolve, reject };
}

function shown({ name, mediaType }: Arrived): Pick<UploadedFile, 'name' | 'mediaType'> {
  const own = name.replace(/^.*[\\/]/s, '').slice(0, NAME_LENGTH);
  return { name: own, mediaType: MEDIA_TYPE.test(mediaType) ? mediaType : 'application/octet-stream' };
}

async function* contentOf(stream: Readable): AsyncGenerator<Uint8Array, void> {
  try {
    yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw cause instanceof GatewayError ? cause : refused('The body of the request broke off.', cause);
  } finally {
    // The rest is in the way of what comes after it.
    if (!stream.destroyed) stream.resume();
  }
}

async function* inMemory(chunks: Buffer[]): AsyncGenerator<Uint8Array, void> {
  for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) yield chunk;
}

function refused(message: string, cause?: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', { message, cause });
}
