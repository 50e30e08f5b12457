/** The entry of a source in `.meshrc.yaml` as plain values, and what of it outlives another contract. */
import { isRecord } from '../../lib/json.ts';
import type { Bundle } from '../bundle.ts';

type Address = { endpoint?: string | undefined; metadata?: Readonly<Record<string, string>> };

/** Where the service is, and what calls carry, stay as they were unless they are said anew. */
export function likeBefore<T extends Address>(before: Bundle['entry'] | undefined, said: T): T {
  const [old] = handlerOf(before ?? {});
  const { endpoint, metaData } = old?.options ?? {};
  return {
    ...(typeof endpoint === 'string' ? { endpoint } : {}),
    ...(isRecord(metaData) ? { metadata: metaData as Record<string, string> } : {}),
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
  } as T;
}

/** What people wrote into the entry beside the contract stays. */
export function mergeEntry(entry: Bundle['entry'], before: Bundle['entry'] | undefined): Bundle['entry'] {
  const [[old], [own]] = [handlerOf(before ?? {}), handlerOf(entry)];
  const { operationHeaders, selectQueryOrMutationField } = old?.options ?? {};
  return own?.kind === old?.kind ? withHandler(entry, { operationHeaders, selectQueryOrMutationField }) : entry;
}

/** The entry with other options of its handler; what is undefined stays. */
export function withHandler(entry: Bundle['entry'], changes: Readonly<Record<string, unknown>>): Bundle['entry'] {
  const [handler] = handlerOf(entry);
  if (!handler) return entry;
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...entry, handler: { [handler.kind]: { ...handler.options, ...Object.fromEntries(given) } } };
}

/** The one handler of an entry, in a list: none where it is no entry. */
export function handlerOf(entry: Bundle['entry']): { kind: string; options: Record<string, unknown> }[] {
  const { handler } = entry;
  if (!isRecord(handler)) return [];
  return Object.entries(handler).map(([kind, options]) => ({ kind, options: isRecord(options) ? options : {} }));
}
