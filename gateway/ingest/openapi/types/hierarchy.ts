/** Which schemas are built upon which by `allOf`, and which of them tell their children apart. */
import { isRecord } from '../../../lib/json.ts';
import { addTo } from '../../../lib/multi-map.ts';
import { type Located, objectKey, type Resolve } from './site.ts';

export type Hierarchy = {
  /** References of all schemas that are built upon a schema, directly or not. */
  childrenOf(ref: string): readonly string[];
  /** References of the schemas it is built upon that tell their children apart. */
  parentsOf(ref: string): readonly string[];
};

const MAX_DEPTH = 32;

/** Reads who is built upon whom among the named schemas. */
export function readHierarchy(schemas: Readonly<Record<string, unknown>>, resolve: Resolve): Hierarchy {
  const parents = new Map<string, string[]>();
  const children = new Map<string, string[]>();
  for (const name of Object.keys(schemas).sort()) {
    const ref = `#/components/schemas/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    for (const parent of refsOfAllOf(schemas[name], resolve, 0)) {
      addTo(parents, ref, parent);
      addTo(children, parent, ref);
    }
  }
  return {
    childrenOf: remembered((ref) => reachable(children, ref)),
    parentsOf: remembered((ref) => reachable(parents, ref).filter((parent) => isPolymorphic(resolve, parent))),
  };
}

/** Every type asks for itself and all that it is built upon. */
function remembered(find: (ref: string) => readonly string[]): (ref: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (ref) => {
    const found = known.get(ref) ?? find(ref);
    known.set(ref, found);
    return found;
  };
}

function refsOfAllOf(schema: unknown, resolve: Resolve, depth: number): string[] {
  if (!isRecord(schema) || !Array.isArray(schema['allOf']) || depth > MAX_DEPTH) return [];
  return schema['allOf'].flatMap((member: unknown) => {
    if (!isRecord(member)) return [];
    if (typeof member['$ref'] !== 'string') return refsOfAllOf(member, resolve, depth + 1);
    const target = resolve(member['$ref']);
    return target.found ? [target.ref] : [];
  });
}

function reachable(edges: ReadonlyMap<string, readonly string[]>, from: string): string[] {
  const seen = new Set<string>();
  const queue = [...(edges.get(from) ?? [])];
  // It grows while it is walked.
  for (const ref of queue) {
    if (ref === from || seen.has(ref)) continue;
    seen.add(ref);
    for (const next of edges.get(ref) ?? []) queue.push(next);
  }
  return [...seen];
}

/** Whether a schema tells its children apart. */
export function isPolymorphic(resolve: Resolve, ref: string): boolean {
  const target = resolve(ref);
  const schema = target.found ? target.value : undefined;
  return isRecord(schema) && schema['discriminator'] !== undefined && !schema['oneOf'] && !schema['anyOf'];
}

/** What a mapping leads to: a reference, or the name of a schema, in whatever way contracts spell it. */
export function refOfMapping(resolve: Resolve, to: string): string | undefined {
  const name = to.split('/').at(-1)?.replace(/#$/, '') ?? to;
  for (const ref of [...(to.includes('#') ? [to] : []), `#/components/schemas/${name}`, to]) {
    const target = resolve(ref);
    if (target.found) return target.ref;
  }
  return undefined;
}

/** Interfaces that the object type of a schema implements. */
export function interfacesOf(
  hierarchy: Hierarchy,
  at: Pick<Located, 'ref' | 'pointer'>,
  part: 'base' | undefined,
): string[] {
  if (at.ref === undefined) return [];
  const parents = hierarchy.parentsOf(at.ref).map((ref) => objectKey({ ref, pointer: ref }, 'out'));
  return part === 'base' ? [objectKey(at, 'out'), ...parents] : parents;
}
