/** The names that answers are kept under, so that they can be dropped by what is in them. */
import { createHash } from 'node:crypto';

/** A value of a type, or any of them where it has no id. */
export type Entity = { readonly typename: string; readonly id?: string | number | undefined };

/** What is to be dropped. */
export type Dropped = {
  readonly entities?: readonly { readonly type: string; readonly id: string | number }[] | undefined;
  readonly types?: readonly string[] | undefined;
  /** Types whose lists, and whose places where there was none, are old. */
  readonly lists?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly sources?: readonly string[] | undefined;
  readonly all?: boolean | undefined;
};

/** Every answer has this name. */
const ALL = hashTag('*');
/** An answer that is known by too much has this one in place of the names of its types and values. */
const CROWDED = hashTag('crowded');

/** All names have one length and no character that a store could read as its own: ids are whatever sources write. */
export function hashTag(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

const entityTag = (type: string, id: string | number): string => hashTag(`e:${type}:${id}`);
const typeTag = (type: string): string => hashTag(`t:${type}`);
const anyTag = (type: string): string => hashTag(`a:${type}`);
const listTag = (type: string): string => hashTag(`l:${type}`);
const ownTag = (name: string): string => hashTag(`g:${name}`);
const sourceTag = (source: string): string => hashTag(`s:${source}`);

/** What an answer holds, by its plan and by the answer itself. */
export type Contents = {
  readonly sources: readonly string[];
  readonly types: readonly string[];
  readonly lists: readonly string[];
  /** Types of which it may hold any value. */
  readonly unsure: readonly string[];
  readonly tags: readonly string[];
  /** Values that are in it, and types of which none was there. */
  readonly entities: Iterable<Entity>;
};

/** @param maxTags most names of one answer; one that would have more is dropped whenever any type or value is */
export function tagsOf({ sources, types, lists, unsure, tags, entities }: Contents, maxTags: number): string[] {
  const few = [ALL, ...sources.map(sourceTag), ...tags.map(ownTag)];
  const many = new Set([...types.map(typeTag), ...lists.map(listTag), ...unsure.map(anyTag)]);
  for (const { typename, id } of entities) {
    // Where there was none there may be one tomorrow, as in a list.
    many.add(id === undefined ? listTag(typename) : entityTag(typename, id));
    if (few.length + many.size > maxTags) return [...few, CROWDED];
  }
  return few.length + many.size > maxTags ? [...few, CROWDED] : [...few, ...many];
}

/** The names to drop, each once. */
export function droppedTags({ entities, types, lists, tags, sources, all }: Dropped): string[] {
  if (all) return [ALL];
  const named = [
    ...(entities ?? []).flatMap(({ type, id }) => [entityTag(type, id), anyTag(type)]),
    ...(types ?? []).map(typeTag),
    ...(lists ?? []).map(listTag),
  ];
  const others = [...(tags ?? []).map(ownTag), ...(sources ?? []).map(sourceTag)];
  return [...new Set([...named, ...(named.length > 0 ? [CROWDED] : []), ...others])];
}

/** The one name to drop in place of more than anybody can remember. */
export const everything: readonly string[] = [ALL];
