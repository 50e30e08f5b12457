import type { FieldDefinitionNode } from 'graphql';
import { directivesNamed } from '../../lib/sdl.ts';
import type { SourceDocument } from '../documents.ts';
import { type Argument, readArguments } from './arguments.ts';
import { joinPhrase, operationWords, typePhrase } from './phrases.ts';
import { findRows, type Rows } from './rows.ts';

/** A read of a source as joins see it. All names are the source's own. */
export type Operation = {
  source: string;
  name: string;
  /** How its owner knows it. */
  label: string;
  /** Segments of a REST path, parameters as `{}`; empty for other kinds. */
  path: readonly string[];
  /** What it answers by its name or path, as a phrase. */
  noun: string;
  /** What to call its rows where a parent has many of them. */
  title: readonly string[];
  rows: Rows;
  args: readonly Argument[];
  /** Whether nothing of the contract says what has to be given (proto3). */
  looseArguments: boolean;
};

const PARAM = '{}';
/** Segments that say how something is looked up, and not what. */
const HOW = /^(get|show|info|details?|lookup|find|search|view|by[-_]?\w+|list|all|v\d+(\.\d+)*|query|read|one)$/i;
/** What stands below belongs to whoever asks: a key of somebody else finds nothing there. */
const OF_CALLER = /^(@?me|self|my|mine|current|current[-_]user)$/i;

/** The root fields of Query that answer rows; those that are going away are left alone. */
export function readOperations(source: SourceDocument): Operation[] {
  return (source.roots.get('Query') ?? []).flatMap((field) => {
    if (directivesNamed(field, 'deprecated').length > 0 || /^deprecated/i.test(field.name.value)) return [];
    const [http] = directivesNamed(field, 'httpOperation');
    const path = pathOf(field);
    if (path.some((segment) => OF_CALLER.test(segment))) return [];
    const noun = nounOf(field);
    const rows = findRows(source.types, field.type, noun);
    if (!rows || directivesNamed(field, 'dictionary').length > 0) return [];
    return [
      {
        source: source.name,
        name: field.name.value,
        label: labelOf(field),
        path,
        noun,
        title: titleOf(field),
        rows,
        args: readArguments(field.arguments ?? [], source.types, Array.isArray(http?.['params']) ? http['params'] : []),
        looseArguments: directivesNamed(field, 'grpcMethod').length > 0,
      },
    ];
  });
}

function pathOf(field: FieldDefinitionNode): string[] {
  const [http] = directivesNamed(field, 'httpOperation');
  const segments = String(http?.['path'] ?? '')
    .replace(/[?#].*$/, '')
    .split('/')
    .filter((segment) => segment !== '');
  return segments.map((segment) => (/\{[^}]*\}/.test(segment) ? PARAM : segment.replace(/\.(json|xml)$/, '')));
}

function titleOf(field: FieldDefinitionNode): string[] {
  if (directivesNamed(field, 'httpOperation').length > 0) return titleOfPath(pathOf(field));
  const [grpc] = directivesNamed(field, 'grpcMethod');
  return operationWords(String(grpc?.['methodName'] ?? field.name.value));
}

/** What a root field answers by its name or path, as a phrase. */
export function nounOf(field: FieldDefinitionNode): string {
  const title = titleOf(field);
  return directivesNamed(field, 'httpOperation').length > 0 ? typePhrase(title.join(' ')) : joinPhrase(title);
}

/** The words of the last segment that says what is asked for. */
function titleOfPath(path: readonly string[]): string[] {
  const telling = path.filter((segment) => segment !== PARAM && !HOW.test(segment));
  return operationWords(telling.at(-1) ?? '');
}

/** How its owner knows a root field: `GET /customers/{id}`, `shop.v1.Orders/GetOrder`, `Query.order`. */
export function labelOf(field: FieldDefinitionNode): string {
  const [http] = directivesNamed(field, 'httpOperation');
  const [grpc] = directivesNamed(field, 'grpcMethod');
  if (http) return `${String(http['httpMethod'])} ${String(http['path'])}`;
  return grpc ? `${String(grpc['objPath'])}/${String(grpc['methodName'])}` : `Query.${field.name.value}`;
}

/** Whether the path ends in a parameter: `/customers/{id}`. */
export function endsInParam({ path }: Operation): boolean {
  return path.at(-1) === PARAM;
}

/** Parameters in the path. */
export function paramCount({ path }: Operation): number {
  return path.filter((segment) => segment === PARAM).length;
}

/** Whether other arguments than `arg` have to be given. */
export function needsMore({ args }: Operation, arg: Argument): boolean {
  return args.some((other) => other.required && other !== arg);
}
