/** Source texts composed and looked into, for tests of what stays of an older one. */
import { type GraphQLEnumType, type GraphQLObjectType, isEnumType, isObjectType } from 'graphql';
import protobuf from 'protobufjs';
import { buildGeneration, type Generation } from '../../../gateway/compose/generation.ts';
import { unify } from '../../../gateway/compose/unify.ts';
import { defaultPolicy } from '../../../gateway/config/policy.ts';
import { directivesNamed } from '../../../gateway/lib/sdl.ts';
import { impactOf } from '../../../gateway/registry/impact.ts';
import { readText, transportOf } from '../../../gateway/registry/keep/text.ts';

export function composed(text: string): string {
  return unify(
    [{ name: 'api', text, policy: defaultPolicy(), joins: '' }].map((each) => ({ ...each, name: nameOf(text) })),
    new Map(),
  ).publicText;
}

export function nameOf(text: string): string {
  return String(transportOf(readText(text))['subgraph']);
}

/** Coordinates of breaking changes between what two texts give clients. */
export async function breaking(older: string, newer: string): Promise<string[]> {
  const { changes } = await impactOf(composed(older), composed(newer), []);
  return changes.filter(({ level }) => level === 'breaking').map(({ coordinate }) => coordinate);
}

export function fieldsOf(type: unknown): ReturnType<GraphQLObjectType['getFields']> {
  return (type as GraphQLObjectType).getFields();
}

/** Names of what is deprecated, and why. */
export function reasonsOf(type: unknown): Record<string, string> {
  const members = isEnumType(type)
    ? (type as GraphQLEnumType).getValues()
    : isObjectType(type)
      ? Object.values(type.getFields())
      : [];
  return Object.fromEntries(
    members.flatMap(({ name, deprecationReason }) => (deprecationReason ? [[name, deprecationReason]] : [])),
  );
}

export function httpOf(text: string, field: string): [{ params: { arg: string; in: string }[] }] {
  const query = readText(text).types.get('Query');
  const node = query && 'fields' in query ? query.fields?.find(({ name }) => name.value === field) : undefined;
  return directivesNamed(node, 'httpOperation') as ReturnType<typeof httpOf>;
}

export function descriptorsOf(text: string): protobuf.Root {
  const { options } = transportOf(readText(text)) as { options: { roots: [{ rootJson: string }] } };
  return protobuf.Root.fromJSON(JSON.parse(options.roots[0].rootJson) as protobuf.INamespace);
}

/** A generation of one source. */
export function serve(text: string, endpoint: string): Generation {
  const policy = defaultPolicy();
  const { privateText, publicText } = unify([{ name: 'api', text, policy, joins: '' }], new Map());
  return buildGeneration({
    id: 'kept',
    privateText,
    publicText,
    settings: new Map([['api', { policy, endpoints: [endpoint], headers: {} }]]),
    states: [{ name: 'api', kind: 'openapi', state: 'active' }],
    headerRules: { forward: [], set: {} },
    limits: { maxCallsPerOperation: 10, maxCallsPerSource: 10 },
    maxBodyBytes: 1_000_000,
    now: Date.now,
    onCall: () => undefined,
  });
}
