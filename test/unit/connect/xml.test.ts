/** XML as the JSON that its contract describes, both ways. */
import { buildSchema, type GraphQLField } from 'graphql';
import { describe, expect, it } from 'vitest';
import { parseXml, XmlError } from '../../../gateway/connect/rest/xml.ts';
import { createXmlReader } from '../../../gateway/connect/rest/xml-reader.ts';
import { createXmlWriter } from '../../../gateway/connect/rest/xml-writer.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

const schema = buildSchema(/* GraphQL */ `
  ${WIRE_DIRECTIVES}
  scalar JSON scalar Int64 scalar Bytes scalar IntOrString scalar BooleanOrString
  type Query {
    pet: Pet
    pets: [Pet]
    album: Album
    free: JSON
    count: Int
    map: [IntEntry!] @dictionary(subgraph: "shop")
    maps: [[IntEntry!]] @dictionary(subgraph: "shop")
    animal: Animal
    mixed: Mixed
    send(
      pet: PetInput @xml(subgraph: "shop", name: "Pet", prefix: "p", namespace: "urn:pets")
      pets: [PetInput!] @xml(subgraph: "shop", name: "pets", item: "pet")
      free: JSON @xml(subgraph: "shop", name: "root")
      choice: Choice @xml(subgraph: "shop", name: "choice")
      other: PetInput @xml(subgraph: "elsewhere", name: "Other")
    ): JSON
  }
  type IntEntry { key: String! value: Int }
  type Pet {
    id: Int64 @xml(subgraph: "shop", attribute: true)
    fullName: String @resolveRootField(subgraph: "shop", field: "full-name") @xml(subgraph: "shop", name: "name")
    tags: [Tag] @xml(subgraph: "shop", wrapped: true, item: "tag")
    alive: Boolean
    weight: Float
    picture: Bytes
    size: IntOrString
    flag: BooleanOrString
    parent: Pet
    extra: JSON
    constructor: String
  }
  type Album { photos: [String] @xml(subgraph: "shop", name: "photo") title: String }
  type Tag { id: Int label: String }
  type Cat { lives: Int rest: [IntEntry!] @dictionary(subgraph: "shop", rest: true) }
  type Dog { legs: Int name: String }
  union Animal = Cat | Dog
  type Text { value: String @resolveRoot(subgraph: "shop") }
  union Mixed = Text | Dog
  input PetInput {
    id: Int64 @xml(subgraph: "shop", attribute: true, prefix: "p", namespace: "urn:pets")
    name: String
    kind: String @xml(subgraph: "shop", attribute: true, namespace: "urn:none")
    photos: [String!] @xml(subgraph: "shop", name: "photo")
    tags: [TagInput!] @xml(subgraph: "shop", wrapped: true, item: "tag")
    odd: String @resolveRootField(subgraph: "shop", field: "a b")
    extra: JSON
  }
  input TagInput { id: Int }
  input Choice @oneOf { tag: TagInput @resolveRoot(subgraph: "shop") pet: PetInput @resolveRoot(subgraph: "shop") }
`);

function fieldNamed(name: string): GraphQLField<unknown, unknown> {
  const field = schema.getQueryType()?.getFields()[name];
  if (!field) throw new Error(`no field ${name}`);
  return field;
}

const read = (field: string, text: string): unknown => createXmlReader(fieldNamed(field), 'shop')(text);

function write(name: string, value: unknown): string {
  const argument = fieldNamed('send').args.find((arg) => arg.name === name);
  if (!argument) throw new Error(`no argument ${name}`);
  return createXmlWriter(argument, 'shop')(value).replace('<?xml version="1.0" encoding="UTF-8"?>\n', '');
}

describe('XML that is read', () => {
  it.each<[string, string, unknown]>([
    [
      'pet',
      '<any><name> Rex </name><weight> 1.50 </weight><alive>1</alive></any>',
      { 'full-name': ' Rex ', weight: 1.5, alive: true },
    ],
    [
      'pet',
      '<p:pet xmlns:p="urn:p" p:id="9007199254740993"><p:alive>false</p:alive></p:pet>',
      { id: '9007199254740993', alive: false },
    ],
    ['pet', '<pet><full-name>by its property</full-name></pet>', { 'full-name': 'by its property' }],
    ['album', '<a><photo>a</photo></a>', { photos: ['a'] }],
    ['album', '<a><photos>by its property</photos></a>', { photos: ['by its property'] }],
    ['album', '<a><title>t</title></a>', { photos: [], title: 't' }],
    ['album', '<a><photo>a</photo><photo/></a>', { photos: ['a', ''] }],
    ['pet', '<pet><tags><tag><id>1</id></tag></tags></pet>', { tags: [{ id: 1 }] }],
    ['pet', '<pet><tags><other><id>1</id></other><tag/></tags></pet>', { tags: [{ id: 1 }, {}] }],
    ['pet', '<pet><tags/></pet>', { tags: [] }],
    [
      'pet',
      '<pet><weight/><name/><picture> AP\n +J </picture></pet>',
      { weight: null, 'full-name': '', picture: 'AP+J' },
    ],
    ['pet', '<pet xmlns:x="urn:x"><parent x:nil="true"/><weight nil="1"/></pet>', { parent: null, weight: null }],
    ['pet', '<pet><weight>heavy</weight><alive>yes</alive></pet>', { weight: 'heavy', alive: 'yes' }],
    ['pet', '<pet><size>7</size><flag>1</flag></pet>', { size: 7, flag: '1' }],
    ['pet', '<pet><size>large</size><flag>true</flag></pet>', { size: 'large', flag: true }],
    ['pet', '<pet><name><![CDATA[<b>]]> &amp; &#x41;</name></pet>', { 'full-name': '<b> & A' }],
    ['pet', '<pet><parent><parent id="2"/></parent></pet>', { parent: { parent: { id: '2' } } }],
    ['pet', '<pet><unknown>1</unknown></pet>', {}],
    ['pet', '<pet><extra a="1"><b>2</b><b>3</b><c/></extra></pet>', { extra: { a: '1', b: ['2', '3'], c: '' } }],
    ['pets', '<pets/>', []],
    ['pets', '<pets><pet><weight>1</weight></pet></pets>', [{ weight: 1 }]],
    ['free', '<a>1</a>', '1'],
    ['count', '<n> 12 </n>', 12],
    ['map', '<m><a>1</a><b>2</b></m>', { a: 1, b: 2 }],
    ['maps', '<m><x><a>1</a></x></m>', [{ a: 1 }]],
    ['animal', '<x><lives>9</lives></x>', { lives: 9 }],
    ['animal', '<x><legs>4</legs><name>Rex</name></x>', { legs: 4, name: 'Rex' }],
    ['mixed', '<x>text</x>', 'text'],
  ])('as %s: %s', (field, text, value) => {
    expect(read(field, text)).toEqual(value);
  });

  it.each([
    ['nothing', ''],
    ['text', 'not xml'],
    ['an element that does not end', '<a><b></a>'],
    ['two documents', '<a/><b/>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an entity of nobody', '<a>&b;</a>'],
    ['nesting without end', '<a>'.repeat(101) + '</a>'.repeat(101)],
    ['elements without end', `<a>${'<b/>'.repeat(500_000)}</a>`],
    ['attributes twice', '<a b="1" b="2"/>'],
  ])('refuses %s', (_title, text) => {
    expect(() => parseXml(text)).toThrow(XmlError);
  });

  it('keeps a property of every object in its place', () => {
    expect(read('pet', '<p><constructor>a</constructor><__proto__>b</__proto__></p>')).toEqual({ constructor: 'a' });
    expect(Object.keys(read('free', '<p><__proto__>b</__proto__></p>') as object)).toEqual(['__proto__']);
  });
});

describe('XML that is written', () => {
  it.each<[string, unknown, string]>([
    ['pet', { name: 'a<b>&"c"' }, '<p:Pet xmlns:p="urn:pets"><name>a&lt;b&gt;&amp;&quot;c&quot;</name></p:Pet>'],
    [
      'pet',
      { id: '9007199254740993', kind: 'x\ny' },
      '<p:Pet xmlns:p="urn:pets" p:id="9007199254740993" kind="x&#10;y"/>',
    ],
    [
      'pet',
      { photos: ['a', 'b'], tags: [{ id: 1 }] },
      '<p:Pet xmlns:p="urn:pets"><photo>a</photo><photo>b</photo><tags><tag><id>1</id></tag></tags></p:Pet>',
    ],
    ['pet', { photos: [], tags: [], name: null }, '<p:Pet xmlns:p="urn:pets"><tags/></p:Pet>'],
    [
      'pet',
      { extra: { a: [1, { b: true }], c: null } },
      '<p:Pet xmlns:p="urn:pets"><extra><a>1</a><a><b>true</b></a></extra></p:Pet>',
    ],
    ['pets', [{ id: 1 }, {}], '<pets><pet xmlns:p="urn:pets" p:id="1"/><pet/></pets>'],
    ['free', { a: 1 }, '<root><a>1</a></root>'],
    ['free', [1, 2], '<root><root>1</root><root>2</root></root>'],
    ['choice', { kind: 'x', name: 'a' }, '<choice kind="x"><name>a</name></choice>'],
    ['other', { name: 'a' }, '<other><name>a</name></other>'],
  ])('from %s %o is %s', (argument, value, text) => {
    expect(write(argument, value)).toBe(text);
    expect(() => parseXml(text)).not.toThrow();
  });

  it.each([
    ['a name that is none', 'free', { 'a><b': 1 }],
    ['a name of two prefixes', 'free', { 'a:b': 1 }],
    ['a property whose name is none', 'pet', { 'a b': 'x' }],
    ['a control character', 'pet', { name: '\u0000' }],
    ['half a character', 'pet', { name: '\ud800' }],
  ])('refuses %s', (_title, argument, value) => {
    expect(() => write(argument, value)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });
});
