/** One flat description of what a schema allows. */
import type { Site } from './site.ts';

export type Discriminator = { property: string; mapping: ReadonlyMap<string, string> };

export type Flat = {
  /** JSON types (`string`, `object`…), null left out; empty for any. */
  types: Set<string>;
  nullable: boolean;
  properties: Map<string, Site>;
  required: Set<string>;
  items: Site | undefined;
  tuple: boolean;
  /** `additionalProperties`: a schema, or whether others are allowed; undefined when nothing is said. */
  extra: Site | boolean | undefined;
  values: readonly unknown[] | undefined;
  format: string | undefined;
  /** Members of `oneOf` or `anyOf`. */
  options: Site[];
  /** Whether at most one member holds. */
  exclusive: boolean;
  /** The schema's own; one that comes by `allOf` is the parent's way to tell its children apart. */
  discriminator: Discriminator | undefined;
  minimum: number | undefined;
  maximum: number | undefined;
  /** The largest number that the contract shows as an example or default, without its sign. */
  largest: number;
  /** Whether parts of it have no type in common; then the last one counts. */
  isContradictory: boolean;
  /** What cannot be read of it. */
  fault: string | undefined;
};

export function emptyFlat(): Flat {
  return {
    types: new Set(),
    nullable: false,
    properties: new Map(),
    required: new Set(),
    items: undefined,
    tuple: false,
    extra: undefined,
    values: undefined,
    format: undefined,
    options: [],
    exclusive: false,
    discriminator: undefined,
    minimum: undefined,
    maximum: undefined,
    largest: 0,
    isContradictory: false,
    fault: undefined,
  };
}
