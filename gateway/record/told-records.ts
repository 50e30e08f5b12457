import type { Channel } from '../lib/channel.ts';
import { type OperationRecord, type RecordStore, recordKey, sortRecords } from './store.ts';

/** Longest wait for what others have recorded, in ms. */
const WAIT_MS = 2000;

/** Memory of one of several processes, which ask each other for what they recorded. */
export function createToldRecords(own: RecordStore, recorded: Channel<null, readonly OperationRecord[]>): RecordStore {
  recorded.onWord(() => own.list());
  return {
    ...own,
    async list() {
      const [mine, theirs] = await Promise.all([own.list(), recorded.ask(null, WAIT_MS)]);
      return united([mine, ...theirs.answers.map(({ answer }) => answer)]);
    },
  };
}

/** Runs of equal operations are counted together. */
function united(lists: readonly (readonly OperationRecord[])[]): OperationRecord[] {
  const known = new Map<string, OperationRecord>();
  for (const record of lists.flat()) {
    const before = known.get(recordKey(record));
    const count = record.count + (before?.count ?? 0);
    known.set(recordKey(record), { ...record, count, lastSeen: Math.max(record.lastSeen, before?.lastSeen ?? 0) });
  }
  return sortRecords([...known.values()]);
}
