/** The thread that reads a large upload. */
import { parentPort, workerData } from 'node:worker_threads';
import { standBack } from '../../lib/stand-back.ts';
import { readUpload, type UploadOptions } from './read-upload.ts';
import type { ToReader } from './take-upload.ts';

standBack();
const pieces: Uint8Array[] = [];
parentPort?.on('message', (message: ToReader) => {
  if (message !== 'end') return void pieces.push(message.piece);
  parentPort?.unref();
  void answer();
});

async function answer(): Promise<void> {
  const read = await readUpload(Buffer.concat(pieces.splice(0)), workerData as UploadOptions);
  const { contract, files } = read.ok ? read.body.upload : {};
  const given = [...(contract && 'files' in contract ? contract.files.values() : []), ...(files?.values() ?? [])];
  // Given away, not copied; small ones lie together with others.
  const owned = given.filter(({ buffer, byteLength }) => buffer.byteLength === byteLength);
  parentPort?.postMessage(read, [...new Set(owned.map(({ buffer }) => buffer as ArrayBuffer))]);
}
