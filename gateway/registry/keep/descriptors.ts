/**
 * Descriptors of a .proto (the JSON of protobufjs, as ingest writes it) together with what an older version of it had: bytes of a
 * field that left the contract are still read, a method that left it can still be called.
 */
import { isRecord } from '../../lib/json.ts';

type Json = Record<string, unknown>;

export type MergedDescriptors = {
  json: Json;
  /** Names of fields and values that could not be kept, since their number means something else now. */
  lost: ReadonlySet<string>;
};

/** What the older descriptors have and the newer lack, added to the newer. */
export function mergeDescriptors(older: Json, newer: Json): MergedDescriptors {
  const lost = new Set<string>();
  return { json: mergeSpace(older, newer, lost), lost };
}

function mergeSpace(older: Json, newer: Json, lost: Set<string>): Json {
  const { nested: _nested, ...own } = older;
  // A message that nothing uses any more may still be the place of others: then all of it comes back.
  const merged: Json = isRecord(own['fields']) && !isRecord(newer['fields']) ? { ...own, ...newer } : { ...newer };
  if (isRecord(own['fields']) && isRecord(newer['fields'])) Object.assign(merged, mergeFields(own, newer, lost));
  if (isRecord(own['values']) && isRecord(newer['values']))
    merged['values'] = mergeNumbers(own['values'], newer['values'], (value) => value, lost);
  if (isRecord(own['methods']) && isRecord(newer['methods']))
    merged['methods'] = sorted({ ...own['methods'], ...newer['methods'] });
  const nested = mergeNested(older['nested'], newer['nested'], lost);
  return nested ? { ...merged, nested } : merged;
}

function mergeNested(older: unknown, newer: unknown, lost: Set<string>): Json | undefined {
  const [before, after] = [isRecord(older) ? older : {}, isRecord(newer) ? newer : {}];
  const merged: Json = { ...after };
  for (const [name, value] of Object.entries(before)) {
    const own = after[name];
    if (own === undefined) merged[name] = value;
    else if (isRecord(own) && isRecord(value) && kindOf(own) === kindOf(value))
      merged[name] = mergeSpace(value, own, lost);
  }
  return Object.keys(merged).length > 0 ? sorted(merged) : undefined;
}

/** A namespace may become a message, and the reverse: its parts are merged, and nothing is lost by it. */
function kindOf(value: Json): string {
  return ['values', 'methods', 'extend'].find((key) => key in value) ?? 'space';
}

/** Fields and their groups (`oneofs`): a group comes back whole or not at all, its members being a union. */
function mergeFields(older: Json, newer: Json, lost: Set<string>): Json {
  const before = recordOf(older['fields']);
  const after = recordOf(newer['fields']);
  const groups = recordOf(newer['oneofs']);
  const numberOf = (field: unknown): unknown => recordOf(field)['id'];
  const taken = new Set(Object.values(after).map(numberOf));
  const grouped = new Set<string>();
  const back: Json = {};
  const oneofs: Json = {};
  for (const [group, value] of Object.entries(recordOf(older['oneofs']))) {
    const names = recordOf(value)['oneof'];
    const members = Array.isArray(names) ? names.map(String) : [];
    for (const name of members) grouped.add(name);
    if (group in groups) continue;
    if (members.every((name) => !(name in after) && !taken.has(numberOf(before[name])))) {
      for (const name of members) back[name] = before[name];
      oneofs[group] = value;
      continue;
    }
    // The group that makes a field optional is called after it.
    lost.add(group);
    if (!members.some((name) => name in after)) for (const name of members) lost.add(name);
  }
  const alone = Object.fromEntries(Object.entries(before).filter(([name]) => !grouped.has(name)));
  const fields = { ...mergeNumbers(alone, after, numberOf, lost), ...back };
  return Object.keys(oneofs).length > 0 ? { fields, oneofs: { ...groups, ...oneofs } } : { fields };
}

/** Entries of the older that the newer has neither by name nor by number. */
function mergeNumbers(older: Json, newer: Json, numberOf: (value: unknown) => unknown, lost: Set<string>): Json {
  const taken = new Set(Object.values(newer).map(numberOf));
  const merged = { ...newer };
  for (const [name, value] of Object.entries(older)) {
    if (name in newer) continue;
    if (taken.has(numberOf(value))) lost.add(name);
    else merged[name] = value;
  }
  return merged;
}

function sorted(json: Json): Json {
  return Object.fromEntries(Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function recordOf(value: unknown): Json {
  return isRecord(value) ? value : {};
}
