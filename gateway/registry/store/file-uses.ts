/** Which blobs the kept revisions refer to, without reading a revision twice. */
import type { FileRevisions } from './file-revisions.ts';
import { blobsOf } from './revision-text.ts';

/**
 * Brings the knowledge up to date and gives it.
 * @throws GatewayError when a revision cannot be read: then nothing is known to be without use
 */
export type FileUses = () => Promise<(hash: string) => boolean>;

export function createFileUses(revisions: Pick<FileRevisions, 'numbers' | 'read' | 'writtenAt'>): FileUses {
  /** Hash → the last revision that refers to it. */
  const lastUse = new Map<string, number>();
  let last = { number: 0, writtenAt: 0 };

  return async () => {
    const numbers = await revisions.numbers();
    // Another history was put in the folder's place, from a copy.
    if (last.number > 0 && (await revisions.writtenAt(last.number)) !== last.writtenAt) {
      lastUse.clear();
      last = { number: 0, writtenAt: 0 };
    }
    for (const number of numbers) {
      if (number <= last.number) continue;
      const writtenAt = await revisions.writtenAt(number);
      const revision = await revisions.read(number);
      if (!revision) continue;
      for (const hash of blobsOf(revision)) lastUse.set(hash, number);
      last = { number, writtenAt };
    }
    const [oldest = 0] = numbers;
    for (const [hash, number] of lastUse) if (number < oldest) lastUse.delete(hash);
    return (hash) => lastUse.has(hash);
  };
}
