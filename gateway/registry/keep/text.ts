/** The text of a source schema in pieces, and whole again in the form that ingest gives it. */
import {
  type ConstDirectiveNode,
  Kind,
  type ObjectTypeExtensionNode,
  parse,
  print,
  type SchemaExtensionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { printDefinitions } from '../../lib/print-sdl.ts';
import { directiveArgs } from '../../lib/sdl.ts';

export type SourceText = {
  /** The first line, with the hash of what the text was made from. */
  header: string;
  transport: SchemaExtensionNode;
  /** Definitions by name, root types among them. */
  types: Map<string, TypeDefinitionNode>;
  /** Joins that the contract itself makes. */
  links: ObjectTypeExtensionNode[];
};

/** @throws GraphQLError when the text is no SDL, Error when it is no source's */
export function readText(text: string): SourceText {
  const types = new Map<string, TypeDefinitionNode>();
  const links: ObjectTypeExtensionNode[] = [];
  let transport: SchemaExtensionNode | undefined;
  for (const node of parse(text, { noLocation: true }).definitions) {
    if (node.kind === Kind.SCHEMA_EXTENSION) transport = node;
    else if (node.kind === Kind.OBJECT_TYPE_EXTENSION) links.push(node);
    else if ('name' in node && node.name) types.set(node.name.value, node as TypeDefinitionNode);
  }
  if (!transport) throw new Error('The text has no @transport: it is no source schema.');
  const [header = ''] = text.split('\n', 1);
  return { header, transport, types, links };
}

export function writeText({ header, transport, types, links }: SourceText): string {
  const definitions = printDefinitions({ kind: Kind.DOCUMENT, definitions: [...types.values()] });
  return `${header}\n${[print(transport), definitions, ...links.map(print)].join('\n\n')}\n`;
}

/** What `@transport` says. */
export function transportOf({ transport }: SourceText): Record<string, unknown> {
  const [directive] = transport.directives ?? [];
  return directive ? directiveArgs(directive) : {};
}

/** The text with other words in `@transport`. */
export function withTransport(text: SourceText, directive: ConstDirectiveNode): SourceText {
  return { ...text, transport: { ...text.transport, directives: [directive] } };
}
