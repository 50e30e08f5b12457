/** Descriptions, examples and deprecations of a contract as GraphQL shows them. */
import type { ConstDirectiveNode, StringValueNode } from 'graphql';
import { stringNode } from '../../../lib/ast.ts';
import { isRecord } from '../../../lib/json.ts';
import { directiveNode } from '../../../lib/sdl.ts';

const MAX_EXAMPLE_CHARS = 120;
const MAX_LISTED_VALUES = 30;

type Described = { description?: StringValueNode };

/** The description of a schema beside its place: its text, the values it is limited to, an example. */
export function described(schema: unknown, values?: readonly unknown[]): Described {
  if (!isRecord(schema)) return {};
  const parts = [textOf(schema), valuesOf(values), exampleOf(schema)].filter((part) => part !== undefined);
  return parts.length === 0 ? {} : { description: stringNode(parts.join('\n\n')) };
}

/** The description of a type: no examples, which belong to places. */
export function typeText(schema: unknown): Described {
  const text = isRecord(schema) ? textOf(schema) : undefined;
  return text === undefined ? {} : { description: stringNode(text) };
}

export function deprecation(schema: unknown): ConstDirectiveNode[] {
  if (!isRecord(schema) || schema['deprecated'] !== true) return [];
  return [directiveNode('deprecated', { reason: 'Deprecated by the contract.' })];
}

function textOf(schema: Readonly<Record<string, unknown>>): string | undefined {
  const { description } = schema;
  return typeof description === 'string' && description.trim() !== '' ? description.trim() : undefined;
}

function valuesOf(values: readonly unknown[] | undefined): string | undefined {
  if (!values || values.length === 0) return undefined;
  const listed = values.slice(0, MAX_LISTED_VALUES).map((value) => `\`${String(value).replaceAll('`', "'")}\``);
  const more = values.length > listed.length ? ` and ${values.length - listed.length} more` : '';
  return values.length === 1 ? `Always ${listed[0]}.` : `One of ${listed.join(', ')}${more}.`;
}

function exampleOf(schema: Readonly<Record<string, unknown>>): string | undefined {
  const { example, examples } = schema;
  const shown: unknown = example ?? (Array.isArray(examples) ? examples[0] : undefined);
  if (shown === undefined || shown === null || typeof shown === 'object') return undefined;
  const text = String(shown);
  return text.length > MAX_EXAMPLE_CHARS || text.includes('`') ? undefined : `Example: \`${text}\``;
}
