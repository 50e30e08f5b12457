/**
 * What an operation asks of a generation, as one tree (of which equal branches are one): every field, what kind it is of, and which
 * calls it needs. Execution, explain, field masks and freshness read this tree; nothing else opens selection sets. What stands in it
 * never changes: branches are unfolded when they are first asked for, always to the same nodes, and groups are numbered as they are met.
 */
import type { FieldNode, GraphQLField, GraphQLNamedType, GraphQLObjectType, OperationDefinitionNode } from 'graphql';
import type { Join } from './model.ts';

/**
 * - `call`: a root field of a REST or gRPC source; its answer comes whole
 * - `delegate`: a root field of a GraphQL source, which is sent the selection below it
 * - `join`: rows of a source, looked up by a key of the parent
 * - `property`: read from the parent
 * - `custom`: made by the gateway itself (`__typename`, introspection)
 * - `denied`: not for who asks. Nothing is called for it, nothing is selected below it, and its value is the error FORBIDDEN
 */
export type PlanKind = 'call' | 'delegate' | 'join' | 'property' | 'custom' | 'denied';

/** Fields of one group may share calls: those of one root field, or all that look rows up in the same way. */
export type PlanGroup = {
  /** Counts from 0 within the plan. */
  id: number;
  source: string;
  /** Root field of the unified schema that is called. */
  operation: string;
  /** Most keys of one call; undefined where a call carries no key. */
  batchSize: number | undefined;
};

/** One field at one place of the operation. */
export type PlanNode = {
  /** The name in the answer. */
  key: string;
  kind: PlanKind;
  /** The object type that has the field, and what the schema says of the field there. */
  type: GraphQLObjectType;
  field: GraphQLField<unknown, unknown>;
  /** `Type.field` */
  coordinate: string;
  /** Response keys from the root, list positions left out. */
  path: readonly string[];
  /** All selections of the field at this place, in the order of the document. */
  nodes: readonly FieldNode[];
  /** The source whose answer holds the parent; empty at the root. */
  origin: string;
  /** The source whose answer holds the value. */
  source: string;
  /** How rows are looked up: only of a join. */
  join: Join | undefined;
  /** Whether the row is a part of the parent (a shared type), so that the value is the field of that row, not the row. */
  isPart: boolean;
  /** The group of its call; undefined where it needs none. */
  group: PlanGroup | undefined;
  /** Groups of calls that fetch a key first, or what a rule looks at, which another source has. */
  keyGroups: readonly PlanGroup[];
  /** Paths below the parent that rules about it look at: they are fetched with it, whatever is selected. */
  ruled: readonly (readonly string[])[];
  /** What is selected below: the very same for fields that ask the same of values of the same source at the same place. */
  selection: PlanSelection;
  /** The named type of the field. */
  of: GraphQLNamedType;
};

/** What is selected of a value, whichever type it turns out to be of. */
export type PlanSelection = {
  /** Counts from 0 within the plan. */
  id: number;
  /** The fields, for a value of this type: unfolded when first asked for, and the same ever after. */
  below(type: GraphQLObjectType): ReadonlyMap<string, PlanNode>;
  /**
   * What is to be fetched of such a value: the fields, and one that is never answered where rules look at objects of the type and none
   * of the fields is for who asks, so that what they look at comes all the same.
   */
  fetched(type: GraphQLObjectType): readonly PlanNode[];
};

export type Plan = {
  operation: OperationDefinitionNode;
  roots: ReadonlyMap<string, PlanNode>;
  /** Those of all nodes that were unfolded so far, by id. */
  groups: readonly PlanGroup[];
};
