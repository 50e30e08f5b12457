import { hash } from 'node:crypto';
import type { Denied } from '../context.ts';

/** Longest key that is kept as it is. */
const MAX_KEY = 200;

export type DeniedSet = {
  /** `Type.field`: wherever it is selected. */
  readonly coordinates: ReadonlySet<string>;
  /** Fields at one place, as `placeOf` writes them. */
  readonly places: ReadonlySet<string>;
  /** Names of types. */
  readonly types: ReadonlySet<string>;
};

/** A field at its place in the answer. Names and paths, no nodes: they mean the same of a document that was written anew. */
export function placeOf(coordinate: string, path: readonly string[]): string {
  return `${coordinate} ${path.join('.')}`;
}

/** @returns undefined where nothing is denied */
export function createDenied({ coordinates, places, types }: DeniedSet): Denied | undefined {
  if (coordinates.size + places.size + types.size === 0) return undefined;
  const text = [coordinates, places, types].map((set) => [...set].sort().join()).join('|');
  return {
    key: text.length > MAX_KEY ? hash('sha256', text, 'base64url') : text,
    has: (coordinate, path) =>
      coordinates.has(coordinate) || (places.size > 0 && places.has(placeOf(coordinate, path))),
    hasType: (name) => types.has(name),
  };
}
