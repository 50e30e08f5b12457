/** Whether what stands in the folder of a registry is whole and holds everything that was confirmed. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { contentHash } from '../../gateway/lib/hash.ts';
import { blobsOf, encodeRevision } from '../../gateway/registry/store/revision-text.ts';
import type { RegistryStore, Revision } from '../../gateway/registry/store/store.ts';
import { settings } from './change.ts';

export type Chain = {
  /** Takes down what a writer was told: `<number> <hash>`. */
  confirm(change: string): void;
  /** Looks at everything that came since the last look, while others may go on writing. */
  check(): Promise<void>;
  /** Looks at every file, once nobody writes any more. */
  checkAll(): Promise<void>;
  readonly confirmed: number;
  /** Changes that were found, confirmed or not. */
  readonly found: number;
  /** What is not as it should be, in words. */
  readonly complaints: readonly string[];
};

/** Revisions that are read at a time: few are new at each look. */
const PAGE = 20;

export function createChain(dir: string, store: RegistryStore): Chain {
  const confirmed = new Map<number, string>();
  const complaints: string[] = [];
  const seen = new Set<string>();
  let last: Revision | undefined;
  let count = 0;

  /** Those since the last look, oldest first. */
  async function readNew(): Promise<Revision[]> {
    const known = last?.number ?? 0;
    const found: Revision[] = [];
    for (let oldest = Number.POSITIVE_INFINITY; oldest > known + 1; ) {
      const page = await store.history({ limit: PAGE, ...(found.length > 0 && { before: oldest }) });
      const fresh = page.filter(({ number }) => number > known);
      found.push(...fresh);
      oldest = fresh.length === PAGE ? (fresh.at(-1)?.number ?? 0) : 0;
    }
    return found.toReversed();
  }

  async function checkOne(revision: Revision): Promise<void> {
    const { number, source, sources, bundle = '', unified = '' } = revision;
    if (number !== (last?.number ?? 0) + 1) complaints.push(`after revision ${last?.number} comes ${number}`);
    const { [source]: _new, ...others } = sources;
    const { [source]: _old, ...before } = last?.sources ?? {};
    if (!isDeepStrictEqual(others, before)) complaints.push(`revision ${number} lost a change of another source`);
    for (const hash of [bundle, unified])
      if ((await store.getBlob(hash)) === undefined) complaints.push(`revision ${number} has no blob ${hash}`);
    const wanted = confirmed.get(number);
    if (wanted !== undefined && wanted !== encodeRevision(revision).hash)
      complaints.push(`revision ${number} is another than the one that was confirmed`);
    last = revision;
    count += 1;
  }

  /** Whatever has the name of a blob has to be it, also what no revision came to refer to. */
  async function checkFiles(folder: string): Promise<void> {
    for (const name of await readdir(join(dir, folder)).catch(() => [])) {
      if (seen.has(`${folder}/${name}`)) continue;
      seen.add(`${folder}/${name}`);
      // It may be collected at any time.
      const bytes = await readFile(join(dir, folder, name)).catch(() => undefined);
      if (bytes && contentHash(bytes) !== name) complaints.push(`${folder}/${name} is torn`);
    }
  }

  return {
    confirm(change) {
      const [number = '', hash = ''] = change.split(' ');
      if (confirmed.has(Number(number))) complaints.push(`revision ${number} was confirmed twice`);
      confirmed.set(Number(number), hash);
    },
    async check() {
      const known = Math.max(0, ...confirmed.keys());
      for (const revision of await readNew()) await checkOne(revision);
      await checkFiles('blobs');
      if (known > (last?.number ?? 0)) complaints.push(`revision ${known} was confirmed and is not there`);
    },
    async checkAll() {
      const kept = await store.history({ limit: settings.keepRevisions });
      if (kept.length < Math.min(count, settings.keepRevisions))
        complaints.push(`only ${kept.length} revisions are kept`);
      for (const hash of new Set(kept.flatMap((revision) => [...blobsOf(revision)])))
        if ((await store.getBlob(hash)) === undefined) complaints.push(`blob ${hash} of a kept revision is lost`);
      seen.clear();
      await checkFiles('blobs');
      await checkFiles('unused');
      const strange = (await readdir(join(dir, 'revisions'))).filter((name) => !/^\d{12}\.json$/.test(name));
      complaints.push(...strange.map((name) => `revisions/${name} should not be there`));
    },
    get confirmed() {
      return confirmed.size;
    },
    get found() {
      return count;
    },
    complaints,
  };
}
