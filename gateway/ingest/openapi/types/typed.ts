/** What is known of a type while the types of a contract are made, and the tools that all makers of types share. */
import type { TypeNode } from 'graphql';
import type { Fallback, Note } from '../../wire.ts';
import type { Flat } from './flat.ts';
import { namedType, type TypeGraph } from './graph.ts';
import type { Hierarchy } from './hierarchy.ts';
import { NUMERIC } from './scalars.ts';
import type { Located, Resolve, Site } from './site.ts';

/** `out`: what the source answers; `in`: what it is sent. */
export type Side = 'out' | 'in';

/** A type and what must be known where it is used. */
export type Typed = {
  /** Without `!` at its outside. */
  type: TypeNode;
  nullable: boolean;
  /** The wire has a map where the schema has a list of entries. */
  dictionary: boolean;
  /** What a value looks like in JSON; `any` for the scalar JSON. */
  json: 'string' | 'number' | 'boolean' | 'array' | 'object' | 'any' | 'several';
  /** Numbers that the wire wants as text. */
  encode?: 'string';
  /** Values a plain scalar is limited to, for its description. */
  values?: readonly unknown[];
  /** Texts that the values of an enum stand for, with the values' names. */
  names?: ReadonlyMap<string, string>;
};

export type Walk = {
  source: string;
  /** Whether a required property is a non-null field of an answer. */
  strict: boolean;
  /** Whether anything is sent or answered in XML: then types say how they are written in it. */
  hasXml: boolean;
  resolve: Resolve;
  graph: TypeGraph;
  hierarchy: Hierarchy;
  fallbacks: Map<string, Fallback>;
  notes: Note[];
  /** Types of named schemas, by side and reference. */
  done: Map<string, Typed>;
  /** Schemas whose type is being found. */
  open: Set<string>;
  /** Schemas that may still be looked at, and where that ended: a contract that is not read to its end is not served. */
  budget: { left: number; endedAt?: string };
  /** The type of a schema. Never fails: what GraphQL cannot say becomes the scalar JSON, and the report says where and why. */
  typeOf: (site: Site, side: Side, depth?: number) => Typed;
  /** The type of a schema that was read already. */
  typeFlat: (at: Located, flat: Flat, side: Side, depth: number) => Typed;
};

export function typeScalar(name: string): Typed {
  const json =
    name === 'Boolean' ? 'boolean' : NUMERIC.has(name) ? 'number' : name.includes('Or') ? 'several' : 'string';
  return { type: namedType(name), nullable: false, dictionary: false, json };
}

/** The scalar JSON, with the reason in the report. */
export function any(walk: Walk, { pointer }: Pick<Site, 'pointer'>, reason: string): Typed {
  if (!walk.fallbacks.has(pointer)) walk.fallbacks.set(pointer, { pointer, reason });
  return { type: namedType('JSON'), nullable: false, dictionary: false, json: 'any' };
}

export function objectTyped(key: string): Typed {
  return { type: namedType(key), nullable: false, dictionary: false, json: 'object' };
}
