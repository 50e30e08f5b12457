import { Kind, print } from 'graphql';
import { namedTypeOf } from '../lib/ast.ts';
import type { Placed } from './collide.ts';
import type { SourceDocument } from './documents.ts';
import type { ComposeFault } from './joins.ts';
import { followPath } from './paths.ts';

/** A lookup by key that a source's policy declares, in unified names. */
export type MergeEntry = { source: string; root: string; field: string; type: string; args: Record<string, unknown> };

/** Every `merge` of every policy with the field it stands on. */
export function mergeEntries(placed: Placed): MergeEntry[] {
  return placed.sources.flatMap((source) =>
    Object.entries(source.policy.coordinates).flatMap(([coordinate, { merge }]) => {
      if (!merge) return [];
      const [root = '', own = ''] = coordinate.split('.');
      const name = placed.fieldNames.get(source.name)?.get(coordinate) ?? own;
      const field = source.roots.get(root)?.find((candidate) => candidate.name.value === name);
      const type = field && followPath(source.types, namedTypeOf(field.type).name.value, merge.result);
      return [{ source: source.name, root, field: name, type: type ?? '', args: { subgraph: source.name, ...merge } }];
    }),
  );
}

/** Checks what policies say of shared types, all faults at once. */
export function checkMerges(placed: Placed): ComposeFault[] {
  const faults: ComposeFault[] = [];
  const seen = new Map<string, string>();
  for (const entry of mergeEntries(placed)) {
    const source = placed.sources.find(({ name }) => name === entry.source) as SourceDocument;
    const fault = (message: string): void =>
      void faults.push({
        file: `sources/${entry.source}/policy.yaml`,
        line: 1,
        message: `coordinates ${entry.root}.${entry.field}: ${message}`,
      });
    const field = source.roots.get(entry.root)?.find(({ name }) => name.value === entry.field);
    if (entry.root !== 'Query') fault('merge stands on fields of Query.');
    if (!field) {
      fault('the source has no such field.');
      continue;
    }
    if (entry.type === '') {
      fault(`its answer has no ${String(entry.args['result'])}.`);
      continue;
    }
    const once = `${entry.source} ${entry.type}`;
    if (seen.has(once))
      fault(`${entry.type} can be looked up by ${String(seen.get(once))} already; one lookup a source.`);
    seen.set(once, entry.field);
    const keyFields = (entry.args['keyFields'] as string[] | undefined) ?? [String(entry.args['keyField'])];
    for (const key of keyFields)
      if (followPath(source.types, entry.type, key) === undefined) fault(`${entry.type} has no field ${key}.`);
    const [first = '', ...rest] = String(entry.args['keysArg']).split('.');
    const arg = field.arguments?.find(({ name }) => name.value === first);
    if (!arg || followPath(source.types, namedTypeOf(arg.type).name.value, rest.join('.')) === undefined)
      fault(`there is no argument ${String(entry.args['keysArg'])}.`);
  }
  return [...faults, ...checkShapes(placed)];
}

/** A field that several sources of a shared type have must mean the same in each; whether it may be null may differ. */
function checkShapes(placed: Placed): ComposeFault[] {
  const faults: ComposeFault[] = [];
  for (const type of placed.entities) {
    const first = new Map<string, { source: string; text: string }>();
    for (const source of placed.sources) {
      const node = source.types.get(type);
      if (node?.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
      for (const { name, type: fieldType } of node.fields ?? []) {
        const text = print(fieldType).replaceAll('!', '');
        const other = first.get(name.value);
        if (!other) first.set(name.value, { source: source.name, text });
        else if (asText(other.text) !== asText(text)) {
          const message = `${type}.${name.value} is ${text} here and ${other.text} in ${other.source}: rename one in names.fields.`;
          faults.push({ file: `sources/${source.name}/policy.yaml`, line: 1, message });
        }
      }
    }
  }
  return faults;
}

/** `ID` and `String` are one: REST and gRPC contracts know no ids, GraphQL services do, and both are text in answers. */
function asText(type: string): string {
  return type.replace(/\bID\b/, 'String');
}
