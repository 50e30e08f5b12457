import {
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { isRequirement, type Requirement, readRequirement } from '../config/coordinates.ts';
import { GatewayError } from '../errors.ts';
import { stableStringify } from '../lib/json.ts';
import { directiveArgs, directivesNamed } from '../lib/sdl.ts';

type Annotated = Parameters<typeof directivesNamed>[0];

/** What directives on a definition require. @throws GatewayError BAD_REQUEST for one that cannot be read */
export type ReadRequired = (node: Annotated) => readonly Requirement[];

const NONE: readonly Requirement[] = [];

/** @returns a function that reads each definition once, and knows equal requirements by being the same */
export function readRequired(): ReadRequired {
  const known = new WeakMap<object, readonly Requirement[]>();
  const same = new Map<string, Requirement>();
  return (node) => {
    if (!node?.directives || node.directives.length === 0) return NONE;
    let found = known.get(node);
    if (!found) {
      found = node.directives.flatMap((directive) => {
        const name = directive.name.value;
        if (!isRequirement(name)) return [];
        const requirement = readRequirement(name, directiveArgs(directive));
        // A rule that nobody understands must not be one that always holds.
        if ('fault' in requirement) throw new GatewayError('BAD_REQUEST', { message: requirement.fault });
        const text = stableStringify(requirement);
        const first = same.get(text) ?? requirement;
        same.set(text, first);
        return [first];
      });
      known.set(node, found);
    }
    return found;
  };
}

/** Whether a definition of the schema requires anything of anybody: nearly all schemas of many operations have none that does. */
export function hasRequired(schema: GraphQLSchema): boolean {
  const requires = (node: Annotated): boolean =>
    node?.directives?.some(({ name }) => isRequirement(name.value)) === true;
  const inParts = (type: GraphQLNamedType): boolean =>
    (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) &&
    Object.values<{ astNode?: Annotated; args?: readonly GraphQLArgument[] }>(type.getFields()).some(
      ({ astNode, args = [] }) => requires(astNode) || args.some((arg) => requires(arg.astNode)),
    );
  return (
    schema.extensionASTNodes.some(requires) ||
    Object.values(schema.getTypeMap()).some((type) => requires(type.astNode) || inParts(type))
  );
}

/** What sources require of whatever calls them: it stands beside their `@transport`. */
export function readSourceRequirements(
  schema: GraphQLSchema,
  on: ReadRequired,
): ReadonlyMap<string, readonly Requirement[]> {
  const sources = new Map<string, readonly Requirement[]>();
  for (const node of schema.extensionASTNodes) {
    for (const { subgraph } of directivesNamed(node, 'transport')) {
      const directives = (node.directives ?? []).filter((directive) => {
        const about = directiveArgs(directive)['subgraph'];
        return about === undefined || about === subgraph;
      });
      sources.set(String(subgraph), on({ directives }));
    }
  }
  return sources;
}

/** Each of them once. */
export function unique<Value>(values: readonly Value[]): readonly Value[] {
  return values.length > 1 ? [...new Set(values)] : values;
}
