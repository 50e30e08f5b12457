/** What the root fields of a unified schema call. */
import type { GraphQLSchema } from 'graphql';
import type { ConnectorOperation } from '../connect/connector.ts';
import { CALL_DIRECTIVES } from '../execute/call-of.ts';
import { isRecord } from '../lib/json.ts';
import { addTo } from '../lib/multi-map.ts';
import { directivesNamed } from '../lib/sdl.ts';
import type { SourceState } from './source-state.ts';

/** Fields that call a deprecated source say so, beside what its contract says of single ones. */
export function deprecate(operations: ReadonlyMap<string, ConnectorOperation[]>, states: readonly SourceState[]): void {
  for (const { name, state, message } of states) {
    if (state !== 'deprecated') continue;
    const reason = `The source ${name} is deprecated${message === undefined ? '.' : `: ${message}`}`;
    for (const { field } of operations.get(name) ?? []) field.deprecationReason ??= reason;
  }
}

/** Root fields by the source that they call. */
export function operationsOf(schema: GraphQLSchema): Map<string, ConnectorOperation[]> {
  const found = new Map<string, ConnectorOperation[]>();
  for (const [kind, type] of [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      for (const name of CALL_DIRECTIVES) {
        for (const wire of directivesNamed(field.astNode, name)) {
          const source = String(wire['subgraph']);
          addTo(found, source, { name: field.name, kind, field, wire });
        }
      }
    }
  }
  return found;
}

/** Roots of descriptors that a gRPC transport carries. */
export function rootsOf(options: unknown): { name: string; rootJson: string }[] {
  return isRecord(options) && Array.isArray(options['roots']) ? options['roots'] : [];
}
