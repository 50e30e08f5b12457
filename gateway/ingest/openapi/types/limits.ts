/** What an answer shows of the schema it is of: which properties it must have, and which of them have few values only. */
import type { Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import { constantsOf } from './members.ts';
import { visibleProperties } from './objects.ts';
import { locate } from './site.ts';
import type { Walk } from './typed.ts';

export type Limits = {
  required: string[];
  /** Pairs of property and values as text. */
  values: [string, string[]][];
};

/** More values tell nobody apart. */
const MAX_VALUES = 20;

/** What a schema requires and allows of its answers. */
export function limitsOf(walk: Walk, flat: Flat): Limits {
  const visible = new Map(visibleProperties(walk, flat, 'out'));
  return {
    // What is only written is in no answer, required or not.
    required: [...flat.required].filter((name) => visible.has(name) || !flat.properties.has(name)).sort(),
    values: [...visible.keys()].flatMap((property): [string, string[]][] => {
      const values = constantsOf(walk, { flat }, property);
      return values.length > 0 && values.length <= MAX_VALUES ? [[property, values]] : [];
    }),
  };
}

const READ = new WeakMap<Walk, Map<string, Limits | undefined>>();

/** The same of a schema that has a name, read once; undefined where it is a list of alternatives, not one object. */
export function limitsOfRef(walk: Walk, ref: string): Limits | undefined {
  const read = READ.get(walk) ?? new Map<string, Limits | undefined>();
  READ.set(walk, read);
  if (!read.has(ref)) {
    const at = locate({ schema: { $ref: ref }, pointer: ref, name: '' }, walk.resolve);
    const flat = flatten(at, walk.resolve);
    read.set(ref, flat.options.length > 0 ? undefined : limitsOf(walk, flat));
  }
  return read.get(ref);
}

/** What a schema requires and allows beyond one that it is built upon. */
export function limitsBeyond(own: Limits, base: Limits): Limits {
  const before = new Map(base.values.map(([property, values]) => [property, textOf(values)]));
  return {
    required: own.required.filter((name) => !base.required.includes(name)),
    values: own.values.filter(([property, values]) => before.get(property) !== textOf(values)),
  };
}

/** One member of a `@variants`; what is empty is left out. */
export function variantOf(type: string, json: string, limits?: Limits & { extends?: readonly string[] }): object {
  const { required = [], values = [], extends: above = [] } = limits ?? {};
  return {
    ...{ type, json },
    extends: above.length > 0 ? above : undefined,
    required: required.length > 0 ? required : undefined,
    values: values.length > 0 ? values : undefined,
  };
}

function textOf(values: readonly string[]): string {
  return JSON.stringify([...values].sort());
}
