/**
 * How large a document is, before it is validated: every definition is visited once, and fragments are counted where they are used
 * without being opened there, so that a fragment that multiplies costs nothing to measure.
 */
import { type DocumentNode, type FieldNode, Kind, visit } from 'graphql';

export type Measure = {
  /** Levels of fields of the deepest operation. */
  readonly depth: number;
  /** Of the operation that has most of each; through fragments. */
  readonly aliases: number;
  readonly rootFields: number;
  readonly fields: number;
  /** Times that the schema is asked for as a whole or in large parts: `__schema`, `__type`, and lists below them under other names. */
  readonly introspections: number;
  /** Of the document as it is written; levels of lists and inputs in one value. */
  readonly directives: number;
  readonly valueDepth: number;
  /** Pairs of fields that stand for one value, and of fragments used at one place; not counted above `most.fields` fields. */
  readonly repeats: number;
  /** A fragment that uses itself; nothing is counted right then. */
  readonly cycle: string | undefined;
};

/** A field as it is written, or the top of a definition; fragments without a name are part of what they stand in. */
type Outline = { readonly key: string; readonly below: Outline[]; readonly spreads: string[] };

/** One definition by itself. */
type Definition = Outline & {
  depth: number;
  aliases: number;
  fields: number;
  introspections: number;
  /** How deep each fragment is used, as often as it is. */
  readonly uses: { name: string; depth: number }[];
};

type Total = Pick<Measure, 'depth' | 'aliases' | 'rootFields' | 'fields' | 'introspections'>;
const NOTHING: Total = { depth: 0, aliases: 0, rootFields: 0, fields: 0, introspections: 0 };

/** Lists of the introspection system (GraphQL spec §4.1): under an alias they are made once more. */
const LISTS = new Set([
  'types',
  'directives',
  'fields',
  'args',
  'inputFields',
  'interfaces',
  'possibleTypes',
  'enumValues',
]);

/** @param most what counting may end at: a number above it is told as soon as it is known to be above */
export function measureDocument(document: DocumentNode, most: Pick<Measure, 'fields' | 'depth' | 'repeats'>): Measure {
  const fragments = new Map<string, Definition>();
  const operations: Definition[] = [];
  let directives = 0;
  let valueDepth = 0;
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const outlined = outline(node);
    directives += outlined.directives;
    valueDepth = Math.max(valueDepth, outlined.valueDepth);
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, outlined.definition);
    else operations.push(outlined.definition);
  }
  const { totalOf, reached, cycle } = createTotal(fragments);
  const totals = operations.map(totalOf);
  // Validation looks at what nobody uses, too.
  const unused = [...fragments.values()].filter((fragment) => !reached(fragment));
  unused.forEach(totalOf);
  const largest = (of: (total: Total) => number): number => Math.max(0, ...totals.map(of));
  const measured = {
    depth: largest(({ depth }) => depth),
    aliases: largest(({ aliases }) => aliases),
    rootFields: largest(({ rootFields }) => rootFields),
    fields: largest(({ fields }) => fields),
    introspections: largest(({ introspections }) => introspections),
  };
  const isCounted = measured.fields <= most.fields && measured.depth <= most.depth && cycle() === undefined;
  const roots = isCounted ? [...operations, ...unused] : [];
  const counts = roots.map((root) => countRepeats(root, fragments, most.repeats));
  return { directives, valueDepth, repeats: Math.max(0, ...counts), cycle: cycle(), ...measured };
}

function outline(
  node: DocumentNode['definitions'][number],
): Pick<Measure, 'directives' | 'valueDepth'> & { definition: Definition } {
  const top: Definition = {
    key: '',
    below: [],
    spreads: [],
    uses: [],
    depth: 0,
    aliases: 0,
    fields: 0,
    introspections: 0,
  };
  const open: Outline[] = [top];
  let directives = 0;
  /** How many fields around the current one are of the introspection system. */
  let inside = isReserved(node.kind === Kind.FRAGMENT_DEFINITION ? node.typeCondition.name.value : '') ? 1 : 0;
  let level = 0;
  let valueDepth = 0;
  const value = {
    enter() {
      level += 1;
      valueDepth = Math.max(valueDepth, level);
    },
    leave() {
      level -= 1;
    },
  };
  visit(node, {
    ListValue: value,
    ObjectValue: value,
    Directive() {
      directives += 1;
    },
    FragmentSpread({ name }) {
      open.at(-1)?.spreads.push(name.value);
      top.uses.push({ name: name.value, depth: open.length - 1 });
    },
    Field: {
      enter(field: FieldNode) {
        const own: Outline = { key: field.alias?.value ?? field.name.value, below: [], spreads: [] };
        open.at(-1)?.below.push(own);
        open.push(own);
        top.depth = Math.max(top.depth, open.length - 1);
        top.fields += 1;
        if (field.alias) top.aliases += 1;
        const name = field.name.value;
        if (name === '__schema' || name === '__type' || (inside > 0 && field.alias && LISTS.has(name)))
          top.introspections += 1;
        if (isReserved(name)) inside += 1;
      },
      leave(field: FieldNode) {
        open.pop();
        if (isReserved(field.name.value)) inside -= 1;
      },
    },
  });
  return { definition: top, directives, valueDepth };
}

function isReserved(name: string): boolean {
  return name.startsWith('__');
}

/** What adds fragments to definitions, each fragment added up once; it notes one that uses itself, which counts nothing there. */
function createTotal(fragments: ReadonlyMap<string, Definition>) {
  const known = new Map<Definition, Total>();
  const open = new Set<Definition>();
  let cycle: string | undefined;

  function totalOf(definition: Definition): Total {
    const before = known.get(definition);
    if (before) return before;
    open.add(definition);
    const total = {
      depth: definition.depth,
      aliases: definition.aliases,
      fields: definition.fields,
      introspections: definition.introspections,
      rootFields: definition.below.length,
    };
    for (const { name, depth } of definition.uses) {
      const fragment = fragments.get(name);
      if (fragment && open.has(fragment)) cycle ??= name;
      const added = fragment && !open.has(fragment) ? totalOf(fragment) : NOTHING;
      total.depth = Math.max(total.depth, depth + added.depth);
      total.aliases += added.aliases;
      total.fields += added.fields;
      total.introspections += added.introspections;
      if (depth === 0) total.rootFields += added.rootFields;
    }
    open.delete(definition);
    known.set(definition, total);
    return total;
  }

  return { totalOf, reached: (definition: Definition) => known.has(definition), cycle: () => cycle };
}

/**
 * Pairs of fields of one key, and of fragments, at one place: each is compared by validation (GraphQL spec §5.3.2), so that their number,
 * not the document's length, says what validating takes. Ends above `most`.
 */
function countRepeats(operation: Definition, fragments: ReadonlyMap<string, Definition>, most: number): number {
  let pairs = 0;
  const count = (outlines: readonly Outline[]): void => {
    const places = new Map<string, Outline[]>();
    const opened = new Set<string>();
    const gather = ({ below, spreads }: Outline): void => {
      for (const field of below) {
        const same = places.get(field.key);
        pairs += same?.length ?? 0;
        if (same) same.push(field);
        else places.set(field.key, [field]);
      }
      for (const name of spreads) {
        const fragment = opened.has(name) ? undefined : fragments.get(name);
        if (!fragment) continue;
        pairs += opened.size;
        opened.add(name);
        gather(fragment);
      }
    };
    outlines.forEach(gather);
    for (const same of places.values()) if (pairs <= most) count(same);
  };
  count([operation]);
  return pairs;
}
