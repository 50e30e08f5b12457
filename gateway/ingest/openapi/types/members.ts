/** The alternatives of a schema, read one by one. */
import { isRecord } from '../../../lib/json.ts';
import { addTo } from '../../../lib/multi-map.ts';
import { emptyFlat, type Flat } from './flat.ts';
import { flatten, mergeFlats } from './flatten.ts';
import { refOfMapping } from './hierarchy.ts';
import { type Located, locate, nameBelow, rawNameOfRef, typeName } from './site.ts';
import type { Walk } from './typed.ts';

export type Member = {
  at: Located;
  flat: Flat;
  /** What tells it from the others in a name. */
  label: string;
  /** Values of the discriminator that stand for it. */
  values: string[];
};

/** Of one list of alternatives with all lists inside it. */
const MAX_MEMBERS = 1000;

/** Members of `oneOf` and `anyOf` (of nested ones in their place), or of a list of types. */
export function readMembers(walk: Walk, at: Located, flat: Flat): Member[] {
  const members = flat.options.length > 0 ? readOptions(walk, at, flat, new Set()) : splitTypes(at, flat);
  return named(walk, at, withValues(walk, members, flat));
}

function splitTypes(at: Located, flat: Flat): Member[] {
  return [...flat.types].map((type) => {
    const { ref: _ref, ...place } = at;
    const { values, ...rest } = flat;
    const own = values?.filter((value) => fits(value, type));
    return {
      at: { ...place, pointer: `${at.pointer}#${type}` },
      flat: { ...rest, types: new Set([type]), values: own?.length ? own : undefined },
      label: type,
      values: [],
    };
  });
}

function fits(value: unknown, type: string): boolean {
  if (type === 'integer' || type === 'number') return typeof value === 'number';
  return typeof value === type;
}

function readOptions(walk: Walk, at: Located, flat: Flat, seen: Set<string>): Member[] {
  const around = surroundings(flat);
  return flat.options.flatMap((option, index): Member[] => {
    const located = locate({ ...option, name: at.name }, walk.resolve);
    if (located.fault !== undefined) return [broken(located)];
    // The same alternative a second time, here or deeper, is no other one.
    if (located.ref !== undefined && seen.has(located.ref)) return [];
    if (located.ref !== undefined) seen.add(located.ref);
    const own = flatten(located, walk.resolve);
    if (own.options.length > 0 && own.properties.size === 0 && seen.size < MAX_MEMBERS)
      return readOptions(walk, { ...located, name: at.name }, own, seen);
    if (own.types.size === 0) own.types = new Set(flat.types);
    const label = labelOf(located, index);
    if (!around) return [{ at: located, flat: own, label, values: [] }];
    const { ref: _ref, ...place } = located;
    const pointer = `${option.pointer}&${located.ref ?? ''}`;
    return [{ at: { ...place, pointer }, flat: mergeFlats(around, own), label, values: [] }];
  });
}

/** Properties beside the alternatives, which every one of them has. */
function surroundings(flat: Flat): Flat | undefined {
  if (flat.properties.size === 0 && flat.required.size === 0) return undefined;
  return { ...flat, options: [], discriminator: undefined };
}

function broken(at: Located): Member {
  return { at, flat: { ...emptyFlat(), fault: at.fault }, label: '', values: [] };
}

function labelOf(at: Located, index: number): string {
  if (at.ref !== undefined) return rawNameOfRef(at.ref);
  const title = isRecord(at.schema) && typeof at.schema['title'] === 'string' ? at.schema['title'] : '';
  return /^[\w\s.-]{1,40}$/.test(title) && /[A-Za-z]/.test(title) ? title : `option ${index + 1}`;
}

/** Which values of the discriminator mean which member: as mapped, as a member's own constant says, else by its name. */
function withValues(walk: Walk, members: Member[], flat: Flat): Member[] {
  const { discriminator } = flat;
  if (!discriminator) return members;
  const mapped = new Map<string, string[]>();
  for (const [value, to] of discriminator.mapping) {
    const ref = refOfMapping(walk.resolve, to);
    if (ref !== undefined) addTo(mapped, ref, value);
  }
  return members.map((member) => {
    const { ref } = member.at;
    const written = mapped.get(ref ?? '') ?? [];
    if (written.length > 0) return { ...member, values: written };
    const constants = constantsOf(walk, member, discriminator.property);
    const implied = constants.length > 0 || ref === undefined ? constants : [rawNameOfRef(ref)];
    return { ...member, values: implied };
  });
}

/** The values that a member allows for a property, as text. */
export function constantsOf(walk: Walk, { flat }: Pick<Member, 'flat'>, property: string): string[] {
  const site = flat.properties.get(property);
  if (!site) return [];
  const at = locate(site, walk.resolve);
  const { values } = flatten(at, walk.resolve);
  return (values ?? []).filter((value) => typeof value !== 'object').map(String);
}

/** Anonymous members are named after the whole and what tells them apart: a title, a constant, the one property they have. */
function named(walk: Walk, at: Located, members: Member[]): Member[] {
  const constants = tellingConstants(walk, members);
  return members.map((member, index) => {
    if (member.at.ref !== undefined) return member;
    const [property, second] = member.flat.properties.keys();
    const sole = second === undefined ? property : undefined;
    const said = /^option \d+$/.test(member.label)
      ? (member.values[0] ?? constants?.[index] ?? sole ?? member.label)
      : member.label;
    const label = /[A-Za-z0-9]/.test(said) ? said : member.label;
    return { ...member, label, at: { ...member.at, name: nameBelow(at.name, typeName(label)) } };
  });
}

/** The one value that each member has of a property, where no two have the same. */
function tellingConstants(walk: Walk, members: readonly Member[]): string[] | undefined {
  for (const property of members[0]?.flat.properties.keys() ?? []) {
    const values = members.map((member) => constantsOf(walk, member, property));
    const single = values.flatMap((list) => (list.length === 1 ? list : []));
    if (single.length === members.length && new Set(single).size === members.length) return single;
  }
  return undefined;
}
