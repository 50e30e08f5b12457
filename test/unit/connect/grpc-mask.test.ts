/** Field masks from what a client asks for, and messages that were cut off. */
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { createFillMask } from '../../../gateway/connect/grpc/mask.ts';
import { StrictReader } from '../../../gateway/connect/grpc/strict-reader.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { connectorOptions, type GrpcHandler, importProto, startGrpcUpstream } from './grpc-kit.ts';
import { callOf, failureOf } from './kit.ts';

const PROTO = `
syntax = "proto3";
package shop.v1;
import "google/protobuf/field_mask.proto";
import "google/protobuf/timestamp.proto";
service Books {
  rpc GetBook(GetBookRequest) returns (Book);
  rpc ListBooks(ListBooksRequest) returns (ListBooksResponse);
  rpc UpdateBook(UpdateBookRequest) returns (Book);
  rpc CreateBook(GetBookRequest) returns (Book);
}
message GetBookRequest { string name = 1; google.protobuf.FieldMask read_mask = 2; }
message ListBooksRequest { int32 page_size = 1; google.protobuf.FieldMask field_mask = 2; }
message ListBooksResponse { repeated Book books = 1; string next_page_token = 2; int32 total = 3; }
message UpdateBookRequest { Book book = 1; google.protobuf.FieldMask update_mask = 2; }
message Book {
  string name = 1;
  Author author = 2;
  repeated Author editors = 3;
  google.protobuf.Timestamp made_at = 4;
  map<string, Author> roles = 5;
  oneof place { Shelf shelf = 6; string box = 7; }
}
message Author { string name = 1; Author teacher = 2; }
message Shelf { int32 row = 1; }
`;

const product = await importProto(PROTO);
const [{ rootJson } = { rootJson: '{}' }] = product.roots ?? [];
const root = protobuf.Root.fromJSON(JSON.parse(rootJson) as protobuf.INamespace);
root.resolveAll();
const typeOf = (name: string): protobuf.Type => root.lookupType(`shop.v1.${name}`);

/** The paths of the mask; undefined where the request stays as it was. */
function mask(request: string, response: string, paths: string[], plain: Record<string, unknown> = {}): unknown {
  const filled = createFillMask(typeOf(request), typeOf(response))?.(plain, paths);
  if (filled === plain || filled === undefined) return undefined;
  return Object.values(filled).flatMap((value) => (value as { paths: string[] }).paths);
}

describe('the mask of a request', () => {
  it.each<[string, string[], string[] | undefined]>([
    ['fields', ['name', 'author.name'], ['name', 'author.name']],
    ['fields inside of others that are asked for whole', ['author', 'author.name'], ['author']],
    ['a field twice', ['name', 'name'], ['name']],
    ['what is in a list', ['editors.name', 'editors.teacher.name'], ['editors']],
    ['what is in a map', ['roles.value.name', 'roles.key'], ['roles']],
    ['a time', ['made_at', 'made_at.seconds'], ['made_at']],
    ['a member of a oneof', ['place.shelf.row', 'place.box'], ['shelf.row', 'box']],
    ['a oneof as a whole', ['name', 'place'], ['name', 'shelf', 'box']],
    ['what nobody knows', ['name', 'nothing'], undefined],
    ['what every object has', ['constructor'], undefined],
    ['nothing', [], undefined],
    ['more than a mask holds', Array.from({ length: 201 }, (_, index) => `f${index}`), undefined],
    ['what is nested without end', [`${'author.'.repeat(20)}name`], undefined],
  ])('for %s', (_title, paths, expected) => {
    expect(mask('GetBookRequest', 'Book', paths)).toEqual(expected);
  });

  it.each<[string[], string[] | undefined]>([
    [['books.name', 'next_page_token'], ['name']],
    [
      ['books.author.name', 'books.name', 'total'],
      ['author.name', 'name'],
    ],
    [['books'], undefined],
    [['total'], undefined],
    [['books.name', 'nothing'], undefined],
  ])('of a page is about its rows: %j', (paths, expected) => {
    expect(mask('ListBooksRequest', 'ListBooksResponse', paths)).toEqual(expected);
  });

  it('that the client gives stays, and there is none for what is written', () => {
    expect(mask('GetBookRequest', 'Book', ['name'], { read_mask: { paths: [] } })).toBeUndefined();
    expect(createFillMask(typeOf('UpdateBookRequest'), typeOf('Book'))).toBeUndefined();
  });
});

describe('a call with a mask', () => {
  let upstream: Awaited<ReturnType<typeof startGrpcUpstream>>;
  let connector: Connector;
  let handler: GrpcHandler;

  beforeAll(async () => {
    const handle: GrpcHandler = (message, call) => handler(message, call);
    upstream = await startGrpcUpstream(PROTO, 'shop.v1.Books', { GetBook: handle, CreateBook: handle });
    connector = openConnector('grpc', connectorOptions(product, { endpoints: [upstream.address] }));
  });

  afterAll(async () => {
    await connector[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const received: unknown[] = [];
  beforeEach(() => {
    received.length = 0;
    handler = (message) => {
      received.push(message);
      return {};
    };
  });

  it('sends it along where the method reads, and only there', async () => {
    const paths = ['name', 'author.name'];
    await connector.call(callOf('getBook', { input: { name: 'a' } }, { mask: paths }));
    await connector.call(callOf('getBook', {}, { mask: paths }));
    await connector.call(callOf('getBook', { input: { name: 'a' } }));
    await connector.call(callOf('createBook', { input: { name: 'a' } }, { mask: paths }));
    const mask = { paths };
    expect(received).toEqual([{ name: 'a', read_mask: mask }, { read_mask: mask }, { name: 'a' }, { name: 'a' }]);
  });

  it('lets the client choose itself', async () => {
    await connector.call(callOf('getBook', { input: { readMask: 'author' } }, { mask: ['name'] }));
    expect(received).toEqual([{ read_mask: { paths: ['author'] } }]);
  });

  it('is shared only by calls that ask for the same', () => {
    const key = (operation: string, paths?: string[]): string | undefined =>
      connector.keyOf?.(callOf(operation, {}, { requestId: 'r', deadline: 1, ...(paths && { mask: paths }) }))?.text;
    expect(key('getBook', ['name', 'author'])).toBe(key('getBook', ['author', 'name']));
    expect(key('getBook', ['name'])).not.toBe(key('getBook', ['author']));
    expect(key('getBook', ['name'])).not.toBe(key('getBook'));
    expect(key('createBook', ['name'])).toBe(key('createBook'));
  });

  it('that is answered by a message cut off within a text is a bad payload', async () => {
    const whole = Buffer.from(typeOf('Book').encode({ name: 'a name of some length' }).finish());
    handler = () => whole.subarray(0, whole.length - 3);
    const { code, source } = await failureOf(connector.call(callOf('getBook')));
    expect({ code, source }).toEqual({ code: 'UPSTREAM_BAD_PAYLOAD', source: 'shop' });
  });
});

describe('the strict reader', () => {
  const book = typeOf('Book');

  it('reads whole messages as protobufjs does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.integer(), (name, author, row) => {
        const bytes = book.encode({ name, author: { name: author }, shelf: { row } }).finish() as Buffer;
        expect(book.decode(new StrictReader(bytes))).toEqual(book.decode(bytes));
      }),
    );
  });

  it('refuses a message that ends within its last field, at any place', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), (name, place) => {
        const bytes = book.encode({ author: { teacher: { name } } }).finish() as Buffer;
        const end = 1 + (place % (bytes.length - 1));
        expect(() => book.decode(new StrictReader(bytes.subarray(0, end)))).toThrow(RangeError);
      }),
    );
  });

  it('refuses a text that goes on beyond the message it stands in', () => {
    // Book { author: 3 bytes { name: 9 bytes … } }
    const bytes = Buffer.from([0x12, 0x03, 0x0a, 0x09, 0x61, ...Buffer.from('bcdefghijk')]);
    expect(() => book.decode(new StrictReader(bytes))).toThrow(RangeError);
  });
});
