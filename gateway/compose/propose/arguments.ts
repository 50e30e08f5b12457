import { type InputValueDefinitionNode, Kind, type TypeDefinitionNode } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import { isRecord } from '../../lib/json.ts';
import { type KeyName, readKeyName } from './key-name.ts';
import { isList } from './rows.ts';
import { type Sort, sortOf } from './sorts.ts';

/** A place in a call's arguments that could take a key. */
export type Argument = {
  /** As `keysArg` says it: `ids`, `input.productIds`. */
  path: string;
  name: string;
  key: KeyName | undefined;
  /** Undefined where it takes no plain values. */
  sort: Sort | undefined;
  many: boolean;
  required: boolean;
  /** Whether it is a part of the URL's path. */
  inPath: boolean;
  /** The input type it takes, for keys of several parts. */
  input: string | undefined;
  node: InputValueDefinitionNode;
};

type Types = ReadonlyMap<string, TypeDefinitionNode>;
/** How arguments travel: `@httpOperation(params:)`. */
type Params = readonly unknown[];

/** All arguments of a root field; those inside an input (a message, a body) one by one. */
export function readArguments(args: readonly InputValueDefinitionNode[], types: Types, params: Params): Argument[] {
  const inPath = new Set(params.flatMap((param) => (isRecord(param) && param['in'] === 'path' ? [param['arg']] : [])));
  return args.flatMap((arg) => {
    const input = inputFields(arg, types);
    if (!input || isList(arg.type)) return [readArgument(arg, '', isRequired(arg), inPath.has(arg.name.value), types)];
    return input.map((field) =>
      readArgument(field, `${arg.name.value}.`, isRequired(arg) && isRequired(field), false, types),
    );
  });
}

function readArgument(
  node: InputValueDefinitionNode,
  above: string,
  required: boolean,
  inPath: boolean,
  types: Types,
): Argument {
  const type = namedTypeOf(node.type).name.value;
  const name = node.name.value;
  return {
    path: above + name,
    name,
    key: readKeyName(name),
    sort: sortOf(type),
    many: isList(node.type),
    required,
    inPath,
    input: types.get(type)?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? type : undefined,
    node,
  };
}

function isRequired({ type, defaultValue }: InputValueDefinitionNode): boolean {
  return type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined;
}

function inputFields(arg: InputValueDefinitionNode, types: Types): readonly InputValueDefinitionNode[] | undefined {
  const node = types.get(namedTypeOf(arg.type).name.value);
  return node?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? (node.fields ?? []) : undefined;
}
