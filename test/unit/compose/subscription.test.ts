/** The Subscription root: united like the other roots, and served by the streams of its sources. */
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';
import { buildGeneration } from '../../../gateway/compose/generation.ts';
import { unify } from '../../../gateway/compose/unify.ts';
import { source } from './kit.ts';

const stream = (name: string) =>
  `@grpcMethod(subgraph: "${name}", rootJsonName: "r", objPath: "p.S", methodName: "M", requestType: "A", responseType: "B", responseStream: true)`;

it('unites the subscriptions of several sources and keeps names apart', () => {
  const sdl = (name: string, type: string) =>
    `type Query { ${name}: Int; } type Subscription { news(of: ID): News ${stream(name)} } type News { text: ${type} }`;
  const unified = unify(
    [source('a', { sdl: sdl('a', 'String') }), source('b', { sdl: sdl('b', 'Int') })],
    new Map(),
    new Set(),
  );
  const fields = buildSchema(unified.publicText).getSubscriptionType()?.getFields() ?? {};
  expect(Object.values(fields).map(({ name, type }) => `${name}: ${type}`)).toEqual(['bNews: BNews', 'news: News']);
  expect(unified.publicText).not.toContain('@grpcMethod');
  expect(unified.names.fields.get('b')?.get('Subscription.news')).toBe('bNews');

  const generation = buildGeneration({
    id: 'g',
    privateText: unified.privateText,
    publicText: unified.publicText,
    settings: new Map(),
    states: [],
    headerRules: { forward: [], set: {} },
    limits: { maxCallsPerOperation: 1, maxCallsPerSource: 1 },
    maxBodyBytes: 1000,
    now: Date.now,
    onCall: () => undefined,
  });
  const served = generation.schema.getSubscriptionType()?.getFields() ?? {};
  expect(Object.values(served).map(({ subscribe, resolve }) => [typeof subscribe, typeof resolve])).toEqual([
    ['function', 'function'],
    ['function', 'function'],
  ]);
});
