/** Laws of who may ask what, over documents that nobody wrote: what is denied is taken away, and nothing else changes. */
import fc from 'fast-check';
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { afterAll, expect, it } from 'vitest';
import type { Answer } from '../kit/app.ts';
import { KEYS, namesOf, openVault, VAULT } from './vault.ts';

const ALL = {
  tenant: 'acme',
  roles: ['admin', 'support'],
  scopes: [
    'a',
    'b',
    'c',
    'orders:labels',
    'orders:totals',
    'orders:write',
    'emails',
    'reviews:read',
    'costs',
    'ticks',
    'parcels:all',
  ],
};
/** What is made at random is larger than what people write. */
const LIMITS = { aliases: 10_000, rootFields: 1000, fields: 10_000, depth: 100, repeats: 100_000, directives: 1000 };

const vault = openVault({ operationLimits: LIMITS }, VAULT, { ...KEYS, all: ALL });
afterAll(() => vault.app[Symbol.asyncDispose]());
const schema = buildSchema(VAULT, { assumeValidSDL: true });

/** Only whose own salary one may see: nobody may see all. */
const LEFT_OUT = new Set(['Person.salary']);
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'Query.order': ['(id: "o1")', '(id: "o2")'],
  'Query.orders': ['', '(internal: true)', '(filter: { cost: 1 })', '(ids: ["o1"])'],
  'Query.node': ['(id: "m1")', '(id: "v1")', '(id: "o1")'],
  'Query.people': ['(ids: ["ada", "bo"])'],
  'Query.person': ['(id: "ada")'],
  'Query.open': ['', '(note: { text: "x" })'],
  'Query.ofTenants': ['(in: [["acme"]])'],
  'Query.ofTenant': ['(input: { tenants: ["acme"] })'],
};

/** A selection on a type, made of numbers: aliases, fragments on members and interfaces, a few levels deep. */
function write(of: GraphQLSchema, type: GraphQLNamedType, next: () => number, depth: number): string {
  const parts = ['__typename'];
  for (let left = 1 + (next() % 4); left > 0; left -= 1) {
    const members = isAbstractType(type) ? of.getPossibleTypes(type) : [];
    const member = members[next() % Math.max(1, members.length)];
    if (depth > 0 && member && (next() % 2 === 0 || !('getFields' in type))) {
      parts.push(`... on ${member.name} { ${write(of, member, next, depth - 0.5)} }`);
      continue;
    }
    if (depth > 0 && isObjectType(type) && type.getInterfaces().length > 0 && next() % 4 === 0) {
      parts.push(`... on Node { ${write(of, of.getType('Node') as GraphQLNamedType, next, depth - 0.5)} }`);
      continue;
    }
    const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
    const field = fields[next() % Math.max(1, fields.length)];
    const coordinate = `${type.name}.${field?.name}`;
    if (!field || LEFT_OUT.has(coordinate)) continue;
    const inner: GraphQLNamedType = getNamedType(field.type as GraphQLOutputType);
    if (!isLeafType(inner) && depth <= 0) continue;
    const choices = ARGUMENTS[coordinate] ?? [''];
    // Each with a name of its own: two selections of one name would have to be mergeable.
    const alias = `${field.name}${aliases++}`;
    const below = isLeafType(inner) ? '' : ` { ${write(of, inner, next, depth - 1)} }`;
    parts.push(`${alias}: ${field.name}${choices[next() % choices.length]}${below}`);
  }
  return parts.join(' ');
}
let aliases = 0;

const documents = fc.array(fc.nat(999), { minLength: 10, maxLength: 80 }).map((numbers) => {
  let at = 0;
  aliases = 0;
  const next = (): number => numbers[at++ % numbers.length] ?? 0;
  return `{ ${write(schema, schema.getQueryType() as GraphQLNamedType, next, 3)} }`;
});

/** Whether `part` is `whole` with some of it null, and every such null below the path of an error. */
function isLessOf(part: unknown, whole: unknown, denied: ReadonlySet<string>, path: string): boolean {
  if (part === null && whole !== null) {
    // A null that stands for what could not be null further down.
    return [...denied].some((each) => path === '' || each === path || each.startsWith(`${path}.`));
  }
  if (denied.has(path) && part !== null) return false;
  if (Array.isArray(part) && Array.isArray(whole))
    return (
      part.length === whole.length &&
      part.every((item, index) => isLessOf(item, whole[index], denied, `${path}.${index}`))
    );
  if (typeof part !== 'object' || part === null || typeof whole !== 'object' || whole === null) return part === whole;
  const [own, all] = [part as Record<string, unknown>, whole as Record<string, unknown>];
  return (
    Object.keys(own).join() === Object.keys(all).join() &&
    Object.keys(own).every((key) => isLessOf(own[key], all[key], denied, path === '' ? key : `${path}.${key}`))
  );
}

const pathsOf = ({ errors }: Answer['body']): Set<string> =>
  new Set((errors ?? []).map(({ path }) => (path ?? []).join('.')));

it('what is denied is null with an error, the rest is what it was, and no call is made that was not made before', async () => {
  let denials = 0;
  await fc.assert(
    fc.asyncProperty(documents, fc.constantFrom(undefined, 'ada', 'bo', 'admin'), async (query, who) => {
      const whole = await vault.ask('all', query);
      const called = namesOf(vault.calls);
      expect([query, whole.body.errors]).toEqual([query, undefined]);
      const part = await vault.ask(who, query);
      const codes = new Set((part.body.errors ?? []).map(({ extensions }) => extensions['code']));
      expect([...codes].filter((code) => code !== 'FORBIDDEN')).toEqual([]);
      denials += part.body.errors?.length ?? 0;
      expect([query, isLessOf(part.body.data, whole.body.data, pathsOf(part.body), '')]).toEqual([query, true]);
      for (const name of namesOf(vault.calls)) {
        const index = called.indexOf(name);
        expect([query, name, index >= 0]).toEqual([query, name, true]);
        called.splice(index, 1);
      }
    }),
    { numRuns: 80 },
  );
  // A law about nothing would hold as well.
  expect(denials).toBeGreaterThan(50);
});
