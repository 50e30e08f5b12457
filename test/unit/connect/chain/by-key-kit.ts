/** What the tests of rows by key share. */
import { createMemoryStore } from '../../../../gateway/connect/cache/memory-store.ts';
import type { CacheStore } from '../../../../gateway/connect/cache/store.ts';
import { createCacheRule } from '../../../../gateway/connect/chain/cache.ts';
import { type ByKeyOptions, createByKeyRule } from '../../../../gateway/connect/chain/cache-by-key.ts';
import { createCoalesceRule } from '../../../../gateway/connect/chain/coalesce.ts';
import { composeRules } from '../../../../gateway/connect/chain/compose.ts';
import type { Call, CallKey, CallResult, RowsByKey } from '../../../../gateway/connect/connector.ts';
import type { CallNotes, CallRecord } from '../../../../gateway/context.ts';
import { GatewayError } from '../../../../gateway/errors.ts';
import type { Abortable } from '../../../../gateway/lib/ending.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { callOf } from '../kit.ts';
import { settled } from './kit.ts';

export const NOW = Date.UTC(2026, 0, 1);
const AGES = { maxAgeMs: 100, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 };

type Row = { id: string; n: number };
type Asking = {
  headers?: Record<string, string>;
  shape?: string;
  signal?: Abortable;
  deadline?: number;
  notes?: CallNotes;
  records?: CallRecord[];
};

/** A source whose rows say in which call they came, behind the rules that share and keep. */
export function world({ ages, ...rest }: Partial<ByKeyOptions> & { ages?: Partial<typeof AGES> } = {}) {
  const clock = createFakeClock(NOW);
  /** Keys of each call that reached the source, in order. */
  const sent: string[][] = [];
  const signals: Abortable[] = [];
  const source: {
    head: Record<string, string>;
    passed?: CallResult['passed'];
    fails?: GatewayError | undefined;
    missing: Set<string>;
    /** Rows that it sends unasked. */
    strangers: string[];
    /** Holds answers back until it is called. */
    hold: boolean;
    held: (() => void)[];
    bad: Set<string>;
  } = { head: {}, missing: new Set(), strangers: [], hold: false, held: [], bad: new Set() };
  const keyOf = ({ args, headers, selection }: Call): CallKey => ({
    text: JSON.stringify([args, headers.get('authorization'), selection?.text]),
    http: { method: 'GET', url: 'http://api/rows', headers: new Map() },
  });
  const options = {
    source: 'shop',
    planOf: (operation: string) =>
      operation === 'set'
        ? { kind: 'write' as const, ages: undefined, byHeaders: false }
        : { kind: 'read' as const, ages: ages && { ...AGES, ...ages }, byHeaders: true },
    keyOf,
    behind: [],
    refreshMs: 1000,
    lifetime: new AbortController().signal,
    now: clock.now,
  };
  const store: CacheStore = createMemoryStore({ now: clock.now });
  const caller = composeRules(
    [
      createByKeyRule({ ...options, store, isShared: () => true, ...rest }),
      createCoalesceRule({ source: 'shop', isRead: () => true, keyOf, now: clock.now }),
      createCacheRule({ ...options, store }),
    ],
    async ({ args, signal }) => {
      const keys = (args['ids'] as string[] | undefined) ?? [];
      sent.push(keys);
      signals.push(signal);
      const n = sent.length;
      const { fails } = source;
      if (source.hold) {
        await new Promise<void>((resolve, reject) => {
          source.held.push(resolve);
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      }
      if (fails) throw fails;
      const data = [...keys, ...source.strangers]
        .filter((id) => !source.missing.has(id))
        .map((id) => ({ id, n: source.bad.has(id) ? new GatewayError('UPSTREAM_FAILED') : n }));
      const { head, passed } = source;
      return { data, status: 200, bytes: 10, head, ...(passed && { passed }) };
    },
  );
  const start = (keys: string[], asking: Asking = {}): Promise<CallResult> => {
    const { headers = {}, shape = 'by id', signal, deadline = NOW + 1e9, notes = {}, records = [] } = asking;
    const bulk = {
      keys,
      shape,
      argsFor: (some: readonly string[]) => ({ ids: some }),
      rowsOf: (data: unknown, some: readonly string[]) => {
        const rowOf = (key: string): Row[] => (data as Row[]).filter(({ id }) => id === key);
        const rows: RowsByKey = new Map(some.map((key) => [key, rowOf(key)] as const).filter(([, own]) => own.length));
        return { rows, unrequested: (data as Row[]).filter(({ id }) => !some.includes(id)).length };
      },
    };
    const record = (one: CallRecord): void => void records.push(one);
    const call = callOf('rows', { ids: keys }, { headers, deadline, notes, record, ...(signal && { signal }) });
    return caller({ ...call, keys: keys.length, bulk });
  };
  /** The `n` of each key's first row, in the order they were asked for; the code of an error in its place. */
  const read = ({ data }: CallResult, keys: string[]): unknown[] =>
    keys.map((key) => {
      const rows = (data as RowsByKey).get(key);
      if (rows instanceof GatewayError) return rows.code;
      return rows instanceof Error ? rows : ((rows?.[0] as Row | undefined)?.n ?? null);
    });
  const ask = async (keys: string[], asking: Asking = {}): Promise<unknown[]> => {
    const result = await start(keys, asking);
    await settled();
    return read(result, keys);
  };
  return { ask, start, read, caller, clock, sent, signals, source };
}
