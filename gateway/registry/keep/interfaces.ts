import { type FieldDefinitionNode, Kind, print, type TypeDefinitionNode } from 'graphql';

type Types = ReadonlyMap<string, TypeDefinitionNode>;

/**
 * Sees to it that objects have the fields of their interfaces (GraphQL spec, 3.6 "Type Validation"): an interface keeps a field only
 * where everyone who implements it has it, and a type that came back implements what it satisfies.
 *
 * @param declared the types of the newer text, whose own fields stay
 */
export function agreeOnInterfaces(types: Types, declared: Types): Map<string, TypeDefinitionNode> {
  const settled = new Map(types);
  for (const [name, node] of types) {
    if (node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const own = declared.get(name);
    const sure = new Set(own && 'fields' in own ? own.fields?.map((field) => field.name.value) : []);
    // Those that came back give way to what the newer text says of its interface.
    const implementors = [...types.values()].filter(
      (each) => implementing(each, name) && declared.has(each.name.value),
    );
    const fields = (node.fields ?? []).filter(
      (field) => sure.has(field.name.value) || implementors.every((each) => has(each, field)),
    );
    settled.set(name, { ...node, fields });
  }
  for (const [name, node] of settled) {
    if (declared.has(name) || !('interfaces' in node) || !node.interfaces) continue;
    const interfaces = node.interfaces.filter((each) => satisfies(node, settled.get(each.name.value)));
    settled.set(name, { ...node, interfaces } as TypeDefinitionNode);
  }
  return settled;
}

function implementing(node: TypeDefinitionNode, name: string): boolean {
  return 'interfaces' in node && node.interfaces?.some((each) => each.name.value === name) === true;
}

function satisfies(node: TypeDefinitionNode, parent: TypeDefinitionNode | undefined): boolean {
  return parent?.kind === Kind.INTERFACE_TYPE_DEFINITION && (parent.fields ?? []).every((field) => has(node, field));
}

function has(node: TypeDefinitionNode, wanted: FieldDefinitionNode): boolean {
  const fields = 'fields' in node ? (node.fields ?? []) : [];
  const [type, stricter] = [print(wanted.type), `${print(wanted.type)}!`];
  return fields.some(
    (field) =>
      field.name.value === wanted.name.value && 'type' in field && [type, stricter].includes(print(field.type)),
  );
}
