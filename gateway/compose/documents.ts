import {
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeExtensionNode,
  parse,
  type SchemaExtensionNode,
  type TypeDefinitionNode,
} from 'graphql';
import type { Policy } from '../config/policy.ts';
import { isRootType, namedTypeOf } from '../lib/ast.ts';

/** One source as compose takes it: the text ingest made, and what its team wrote. */
export type ComposeSource = {
  name: string;
  text: string;
  policy: Policy;
  /** `joins.graphql`; empty for none. */
  joins: string;
};

/** A source schema in pieces. */
export type SourceDocument = {
  name: string;
  policy: Policy;
  transport: SchemaExtensionNode;
  /** Query and Mutation fields by root type. */
  roots: Map<string, FieldDefinitionNode[]>;
  /** All other types by name. */
  types: Map<string, TypeDefinitionNode>;
  /** Joins that the contract itself makes. */
  links: ObjectTypeExtensionNode[];
};

/** Parses the text of a source schema (`schemas/<source>.graphql`). */
export function readSource(source: ComposeSource): SourceDocument {
  const document = parse(source.text, { noLocation: true });
  const roots = new Map<string, FieldDefinitionNode[]>();
  const types = new Map<string, TypeDefinitionNode>();
  const links: ObjectTypeExtensionNode[] = [];
  let transport: SchemaExtensionNode | undefined;
  for (const node of document.definitions) {
    if (node.kind === Kind.SCHEMA_EXTENSION) transport = node;
    else if (node.kind === Kind.OBJECT_TYPE_EXTENSION) links.push(node);
    else if (node.kind === Kind.OBJECT_TYPE_DEFINITION && isRootType(node))
      roots.set(node.name.value, [...(node.fields ?? [])]);
    else if ('name' in node && node.name && node.kind !== Kind.DIRECTIVE_DEFINITION)
      types.set(node.name.value, node as TypeDefinitionNode);
  }
  if (!transport) throw new Error(`schemas/${source.name}.graphql has no @transport: run \`tributary schema --write\``);
  return { name: source.name, policy: source.policy, transport, roots, types, links };
}

/** The source's own document again, to be made a schema of. */
export function toDocument(source: SourceDocument): DocumentNode {
  const roots = [...source.roots].map(([name, fields]) => ({
    kind: Kind.OBJECT_TYPE_DEFINITION as const,
    name: { kind: Kind.NAME as const, value: name },
    fields,
  }));
  return { kind: Kind.DOCUMENT, definitions: [...roots, ...source.types.values()] };
}

/** The named type a root field of the source answers with. */
export function answerType(source: SourceDocument, coordinate: string): string | undefined {
  const [root = '', name] = coordinate.split('.');
  const field = source.roots.get(root)?.find((candidate) => candidate.name.value === name);
  return field && namedTypeOf(field.type).name.value;
}
