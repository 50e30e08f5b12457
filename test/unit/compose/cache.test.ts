/** What policies say of answers that are kept, in the text of the unified schema; what mutations make old, concluded from contracts. */
import { buildSchema, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { reportInvalidations } from '../../../gateway/compose/cache/report.ts';
import { unify } from '../../../gateway/compose/unify.ts';
import { policySchema } from '../../../gateway/config/policy.ts';
import { directivesNamed } from '../../../gateway/lib/sdl.ts';
import { faultsOf } from './kit.ts';

type Given = { sdl: string; kind?: string; coordinates?: Record<string, unknown>; joins?: string };

function compose(sources: Record<string, Given>) {
  return unify(
    Object.entries(sources).map(([name, { sdl, kind = 'rest', coordinates = {}, joins = '' }]) => ({
      ...{ name, joins, policy: policySchema.parse({ coordinates }) },
      text: `extend schema @transport(subgraph: "${name}", kind: "${kind}", location: "http://${name}.internal")\n${sdl}`,
    })),
    new Map(),
  );
}

/** The directives of a field by name. */
function saidOf(text: string, coordinate: string): Record<string, unknown> {
  const [typeName = '', name = ''] = coordinate.split('.');
  const type = buildSchema(text, { assumeValidSDL: true }).getType(typeName);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  const names = ['cacheControl', 'invalidates', 'entityId'];
  return Object.fromEntries(names.flatMap((each) => directivesNamed(field?.astNode, each).map((args) => [each, args])));
}

const http = (method: string, path: string, params: string[] = []): string => {
  const list = params.map((name) => `{arg: "${name}", name: "${name}", in: "path", style: "simple", explode: false}`);
  return `@httpOperation(subgraph: "shop", path: "${path}", httpMethod: "${method}", params: [${list.join(', ')}])`;
};

const SHOP = `
type Query {
  users: [User] ${http('GET', '/users')}
  user(userId: ID): User ${http('GET', '/users/{userId}', ['userId'])}
  byName(name: ID): User ${http('GET', '/people/{name}', ['name'])}
  settings(userId: ID): Settings ${http('GET', '/users/{userId}/settings', ['userId'])}
  raw(userId: ID): JSON ${http('GET', '/users/{userId}/raw', ['userId'])}
  orders: Page ${http('GET', '/orders')}
}
type Mutation {
  putUser(userId: ID): Void ${http('PUT', '/users/{userId}', ['userId'])}
  postUser: User ${http('POST', '/users')}
  lockUser(userId: ID): Void ${http('POST', '/users/{userId}/lock', ['userId'])}
  putByName(name: ID): Void ${http('PUT', '/people/{name}', ['name'])}
  putSettings(userId: ID): Void ${http('PUT', '/users/{userId}/settings', ['userId'])}
  putRaw(userId: ID): Void ${http('PUT', '/users/{userId}/raw', ['userId'])}
  postOrder: Order ${http('POST', '/orders')}
  reindex: Void ${http('POST', '/admin/reindex')}
}
type User { id: ID name: String ownerId: ID }
type Settings { theme: String }
type Page { items: [Order] total: Int }
type Order { orderId: ID customerId: ID }
scalar JSON
scalar Void
`;
const KEEPS = { 'Query.user': { cacheControl: { maxAge: 5 } } };

describe('mutations of REST', () => {
  const { privateText, invalidations } = compose({ shop: { sdl: SHOP, coordinates: KEEPS } });
  it.each([
    ['putUser', { entities: [{ type: 'User', idFrom: 'userId' }], lists: ['User'] }],
    ['postUser', { lists: ['User'] }],
    // What is done to a part of a resource is done to it.
    ['lockUser', { entities: [{ type: 'User', idFrom: 'userId' }], lists: ['User'] }],
    // A name in the path is not the id that values are known by.
    ['putByName', { types: ['User'] }],
    ['putSettings', { types: ['Settings'], entities: [{ type: 'User', idFrom: 'userId' }], lists: ['User'] }],
    // No type stands for what is read there.
    ['putRaw', { sources: ['shop'] }],
    ['postOrder', { lists: ['Order'] }],
    ['reindex', { sources: ['shop'] }],
  ])('%s', (field, expected) => {
    expect(saidOf(privateText, `Mutation.${field}`)).toEqual({ invalidates: expected });
  });

  it('are told in the report', () => {
    expect(reportInvalidations(invalidations.get('shop')).slice(0, 2)).toEqual([
      { at: 'Mutation.putUser', text: 'makes old the User of userId, lists of User' },
      { at: 'Mutation.postUser', text: 'makes old lists of User' },
    ]);
    expect(reportInvalidations(invalidations.get('shop')).at(-1)?.text).toBe('makes old everything of shop');
  });
});

describe('mutations of gRPC and GraphQL', () => {
  const rpc = (name: string): string =>
    `@grpcMethod(subgraph: "books", rootJsonName: "R", objPath: "b.v1.Books", methodName: "${name}", requestType: "x", responseType: "y")`;
  const books = `
type Query { getBook(input: GetBook): Book ${rpc('GetBook')} listBooks: Books ${rpc('ListBooks')} getShelf: Shelf ${rpc('GetShelf')} }
type Mutation {
  deleteBook(input: DeleteBook): Void ${rpc('DeleteBook')}
  updateBook(input: UpdateBook): Void ${rpc('UpdateBook')}
  batchMoveBooks(input: Move): Void ${rpc('BatchMoveBooks')}
  updateShelf: Void ${rpc('UpdateShelf')}
  compact: Void ${rpc('Compact')}
}
type Book { id: ID title: String }
type Books { books: [Book] nextPageToken: String }
type Shelf { label: String }
input GetBook { id: ID }
input DeleteBook { book_id: ID }
input UpdateBook { book: BookInput }
input BookInput { id: ID title: String }
input Move { ids: [ID] }
scalar Void
`;
  const field = (name: string): string => `@graphqlField(subgraph: "crm", name: "${name}", type: "Mutation")`;
  const crm = `
type Query { contact: Contact @graphqlField(subgraph: "crm", name: "contact", type: "Query") }
type Mutation { rename: Contact ${field('rename')} merge: Merged ${field('merge')} remove: ID ${field('remove')} }
type Contact { id: ID name: String }
type Merged { ok: Boolean contact: Contact }
`;
  const { privateText } = compose({
    shop: { sdl: SHOP, coordinates: KEEPS },
    books: { sdl: books, kind: 'grpc' },
    crm: { sdl: crm, kind: 'graphql' },
  });
  it.each([
    ['deleteBook', { entities: [{ type: 'Book', idFrom: 'input.book_id' }], lists: ['Book'] }],
    ['updateBook', { entities: [{ type: 'Book', idFrom: 'input.book.id' }], lists: ['Book'] }],
    ['batchMoveBooks', { types: ['Book'] }],
    ['updateShelf', { types: ['Shelf'] }],
    ['compact', { sources: ['books'] }],
    ['rename', { lists: ['Contact'] }],
    ['merge', { lists: ['Contact'] }],
    ['remove', { sources: ['crm'] }],
  ])('%s', (name, expected) => {
    expect(saidOf(privateText, `Mutation.${name}`)).toEqual({ invalidates: expected });
  });
});

describe('a policy', () => {
  it('says what is kept, what a mutation makes old, and by what values are told apart', () => {
    const { privateText, publicText } = compose({
      shop: {
        sdl: SHOP,
        coordinates: {
          'Query.user': { cacheControl: { maxAge: 5, scope: 'PRIVATE', staleIfError: 60, tags: ['people'] } },
          'User.name': { cacheControl: { maxAge: 0 } },
          'Mutation.reindex': { invalidates: { tags: ['people'] } },
          'Mutation.putUser': { invalidates: {} },
          'User.ownerId': { entityId: true },
        },
      },
    });
    expect(saidOf(privateText, 'Query.user')).toEqual({
      cacheControl: { maxAge: 5, scope: 'PRIVATE', staleIfError: 60, tags: ['people'] },
    });
    expect(saidOf(privateText, 'User.name')).toEqual({ cacheControl: { maxAge: 0 } });
    expect(saidOf(privateText, 'Mutation.reindex')).toEqual({ invalidates: { tags: ['people'] } });
    expect(saidOf(privateText, 'Mutation.putUser')).toEqual({ invalidates: {} });
    expect([saidOf(privateText, 'User.ownerId'), saidOf(privateText, 'User.id')]).toEqual([{ entityId: {} }, {}]);
    expect([saidOf(privateText, 'Order.orderId'), saidOf(privateText, 'Order.customerId')]).toEqual([
      { entityId: {} },
      {},
    ]);
    expect(publicText).not.toMatch(/cacheControl|invalidates|entityId/);
  });

  it('that keeps nothing leaves no trace in the text', () => {
    const { privateText } = compose({ shop: { sdl: SHOP, coordinates: { 'Mutation.reindex': { invalidates: {} } } } });
    expect(privateText).not.toMatch(/@cacheControl|@invalidates|@entityId/);
  });

  it('of two sources that share a field: the stricter of both holds', () => {
    const shared = (name: string): string => `
      type Query { ${name}(ids: [ID!]): [Thing] @httpOperation(subgraph: "${name}", path: "/${name}", httpMethod: "GET") }
      type Thing { id: ID label: String }`;
    const merge = (maxAge: number, scope: string) => ({
      'Thing.label': { cacheControl: { maxAge, scope, tags: [scope] } },
    });
    const { privateText } = compose({
      a: {
        sdl: shared('a'),
        coordinates: { 'Query.a': { merge: { keyField: 'id', keysArg: 'ids' } }, ...merge(9, 'PRIVATE') },
      },
      b: {
        sdl: shared('b'),
        coordinates: { 'Query.b': { merge: { keyField: 'id', keysArg: 'ids' } }, ...merge(5, 'PUBLIC') },
      },
    });
    expect(saidOf(privateText, 'Thing.label')).toEqual({
      cacheControl: { maxAge: 5, scope: 'PRIVATE', tags: ['PRIVATE', 'PUBLIC'] },
    });
  });

  it('with mistakes is told all of them', () => {
    const coordinates = {
      'Query.nothing': { cacheControl: { maxAge: 1 } },
      'Mutation.putUser': { cacheControl: { maxAge: 1 } },
      'Query.user': { invalidates: { types: ['User'] } },
      'Mutation.postUser': {
        invalidates: { types: ['Usr'], sources: ['shp'], entities: [{ type: 'User', idFrom: 'id' }] },
      },
      'Query.users': { entityId: true },
    };
    // Other readers of coordinates may tell of the same mistake.
    expect([...new Set(faultsOf(() => compose({ shop: { sdl: SHOP, coordinates } })))]).toEqual([
      'sources/shop/policy.yaml:1: coordinates Mutation.putUser: cacheControl stands on fields of Query and of what it answers.',
      'sources/shop/policy.yaml:1: coordinates Query.user: invalidates stands on fields of Mutation.',
      'sources/shop/policy.yaml:1: coordinates Mutation.postUser: there is no type Usr.',
      'sources/shop/policy.yaml:1: coordinates Mutation.postUser: there is no source shp.',
      'sources/shop/policy.yaml:1: coordinates Mutation.postUser: there is no argument id.',
      'sources/shop/policy.yaml:1: coordinates Query.users: entityId stands on a field that the source has.',
      'sources/shop/policy.yaml:1: coordinates Query.nothing: the source has no such field.',
    ]);
  });
});
