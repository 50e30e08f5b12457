/** A file of the client's request, on its way to an upstream: it is not kept, so it can be sent once. */
import { GatewayError } from '../errors.ts';

export type UploadedFile = {
  /** As the client gave it, without folders; empty where it gave none. */
  name: string;
  mediaType: string;
  content: AsyncIterable<Uint8Array>;
};

/** A value of the scalar `Bytes` whose bytes are still coming. */
export class Upload {
  /** Nobody who sends a file can know it before. */
  readonly id: string;
  readonly #open: () => Promise<UploadedFile>;
  #isOpen = false;
  #fault: GatewayError | undefined;

  /** @param open gives the file once it comes; rejects with GatewayError when it does not */
  constructor(id: string, open: () => Promise<UploadedFile>) {
    this.id = id;
    this.#open = open;
  }

  /**
   * The file, for the one who asks first.
   * @throws GatewayError BAD_REQUEST when it was asked for before, or what became of the call that it was sent with
   */
  async open(): Promise<UploadedFile> {
    if (this.#isOpen) throw this.#fault ?? refused('A file can be sent in one place only: send it once for each.');
    this.#isOpen = true;
    return await this.#open();
  }

  /** Says what became of the call the file was sent with: who tries it again is told that. */
  failedWith(fault: GatewayError): void {
    this.#fault ??= fault;
  }

  /** Wherever a value is written as text a file has no form. */
  toJSON(): never {
    throw refused('A file can be sent where the source takes one: give base64 text here.');
  }
}

/** A body in pieces that are written one after the other. */
export type BodyPieces = readonly (Buffer | (() => AsyncIterable<Uint8Array>))[];

/** The pieces as one stream of bytes. */
export async function* writePieces(pieces: BodyPieces): AsyncGenerator<Uint8Array, void> {
  for (const piece of pieces) {
    if (Buffer.isBuffer(piece)) yield piece;
    else yield* piece();
  }
}

/** Every file somewhere in a value. */
export function uploadsIn(value: unknown): Upload[] {
  if (value instanceof Upload) return [value];
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return [];
  return Object.values(value).flatMap(uploadsIn);
}

function refused(message: string): GatewayError {
  return new GatewayError('BAD_REQUEST', { message });
}
