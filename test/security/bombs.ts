/** Requests that are small to send and would be large to answer, each with the code it gets. */
import { type Bomb, many, post, query } from './bomb-kit.ts';

/** Fragments, each of which uses the next one twice. */
function doubling(levels: number, leaf = 'name'): string {
  const fragments = many(
    levels,
    (n) => `fragment F${n} on Person { a: friend { ...F${n + 1} } b: friend { ...F${n + 1} } }`,
  );
  return `{ me { ...F0 } } ${fragments} fragment F${levels} on Person { ${leaf} }`;
}

const deep = (levels: number, name = 'friend') => `{ me { ${`${name} { `.repeat(levels)}id${' }'.repeat(levels)} } }`;
const spreads = (count: number) => many(count, (n) => `...S${n}`);

export const bombs: readonly Bomb[] = [
  query('many aliases', 'LIMIT_ALIASES', `{ me { ${many(1000, (n) => `a${n}: name`)} } }`),
  query('many aliases at the root', 'LIMIT_ROOT_FIELDS', `{ ${many(700, (n) => `a${n}: me { id }`)} }`),
  query('aliases that fragments multiply', 'LIMIT_ALIASES', doubling(12)),
  query('fields that fragments multiply beyond all bounds', 'LIMIT_DEPTH', doubling(150)),
  query(
    'fields that fragments multiply, without aliases',
    'LIMIT_FIELDS',
    `{ me { ...F0 } } ${many(20, (n) => `fragment F${n} on Person { friend { ...F${n + 1} } friends { ...F${n + 1} } }`)} fragment F20 on Person { id }`,
  ),
  query('the same field many times', 'LIMIT_ROOT_FIELDS', `{ ${'me { id } '.repeat(1200)} }`),
  query('the same field many times, below', 'LIMIT_FIELDS', `{ me { ${'name(long: true) '.repeat(600)} } }`),
  query(
    'the same fields many times, nested',
    'LIMIT_FIELDS',
    `{ me { ${`friend { ${'name '.repeat(60)} } `.repeat(60)} } }`,
  ),
  query(
    'many fragments at one place',
    'LIMIT_FIELDS',
    `{ me { ${spreads(400)} } } ${many(400, (n) => `fragment S${n} on Person { name }`)}`,
  ),
  query(
    'many fragments at one place, unused',
    'LIMIT_FIELDS',
    `{ me { id } } fragment U on Person { ${spreads(400)} } ${many(400, (n) => `fragment S${n} on Person { name }`)}`,
  ),
  query('a fragment that uses itself', 'VALIDATION_FAILED', '{ me { ...F } } fragment F on Person { friend { ...F } }'),
  query(
    'a long circle of fragments',
    'VALIDATION_FAILED',
    `{ me { ...C0 } } ${many(400, (n) => `fragment C${n} on Person { friend { ...C${(n + 1) % 400} } }`)}`,
  ),
  query(
    'fragments that all use each other',
    'VALIDATION_FAILED',
    `{ me { ...S0 } } ${many(45, (n) => `fragment S${n} on Person { friend { ${spreads(45)} } }`)}`,
  ),
  query('many levels', 'LIMIT_DEPTH', deep(1200)),
  query('levels that exhaust a stack', 'LIMIT_TOKENS', deep(50_000)),
  query(
    'many levels through fragments',
    'LIMIT_DEPTH',
    `{ me { ...D0 } } ${many(300, (n) => `fragment D${n} on Person { friend { ...D${n + 1} } }`)} fragment D300 on Person { id }`,
  ),
  query(
    'levels of a value',
    'LIMIT_DEPTH',
    `{ people(filter: ${'{ not: '.repeat(1200)}1${' }'.repeat(1200)}) { id } }`,
  ),
  query('levels of lists in a value', 'LIMIT_DEPTH', `{ people(ids: ${'['.repeat(2000)}${']'.repeat(2000)}) { id } }`),
  query(
    'levels of a type',
    'VALIDATION_FAILED',
    `query ($x: ${'['.repeat(1000)}Nothing${']'.repeat(1000)}) { me { id } }`,
  ),
  query('a huge list', 'LIMIT_PAGE_SIZE', '{ people(limit: 1000000000) { id } }'),
  query('a huge list by variable', 'LIMIT_PAGE_SIZE', 'query ($n: Int) { people { friends(limit: $n) { id } } }', {
    n: 2_000_000,
  }),
  query('many keys', 'LIMIT_PAGE_SIZE', `{ people(ids: [${many(4000, String)}]) { id } }`),
  query('many keys by variable', 'LIMIT_PAGE_SIZE', 'query ($ids: [Int!]) { people(ids: $ids) { id } }', {
    ids: Array.from({ length: 9000 }, (_, id) => id),
  }),
  query('many wrong keys by variable', 'BAD_REQUEST', 'query ($ids: [Int!]) { people(ids: $ids) { id } }', {
    ids: new Array(9000).fill('x'),
  }),
  query(
    'as many keys by variable as a body holds',
    'LIMIT_TOKENS',
    'query ($ids: [Int!]) { people(ids: $ids) { id } }',
    {
      ids: new Array(500_000).fill(1),
    },
  ),
  query(
    'as many objects by variable as a body holds',
    'BAD_REQUEST',
    'query ($f: Filter) { people(filter: $f) { id } }',
    {
      f: { and: new Array(300_000).fill({}) },
    },
  ),
  query('lists in lists', 'LIMIT_COST', `{ people { ${'friends { '.repeat(8)}id${' }'.repeat(8)} } }`),
  query(
    'large lists in large lists',
    'LIMIT_COST',
    '{ people(limit: 900) { friends(limit: 900) { friends(limit: 900) { id } } } }',
  ),
  query('many directives', 'LIMIT_DIRECTIVES', `{ me { id ${'@include(if: true) '.repeat(700)} } }`),
  query('many unknown directives', 'LIMIT_DIRECTIVES', `{ me { id ${'@x '.repeat(2000)} } }`),
  query('many tokens', 'LIMIT_TOKENS', `{ me { ${'id '.repeat(30_000)} } }`),
  query('a long document of nothing', 'LIMIT_TOKENS', `{ me { id } } ${','.repeat(900_000)}`),
  query('a long comment', 'LIMIT_TOKENS', `{ me { id } } # ${'x'.repeat(900_000)}`),
  query('a long text', 'LIMIT_TOKENS', `{ people(filter: { name: "${'x'.repeat(900_000)}" }) { id } }`),
  query('a long name', 'VALIDATION_FAILED', `{ ${'x'.repeat(100_000)} }`),
  query('many unknown fields', 'VALIDATION_FAILED', `{ me { ${many(1500, (n) => `thingz${n}`)} } }`),
  query('unknown fields that are like many', 'VALIDATION_FAILED', `{ ${many(40, (n) => `thinx${n}`)} }`),
  query(
    'unknown types that are like many',
    'VALIDATION_FAILED',
    `{ me { ${many(40, (n) => `... on Thinx${n} { id }`)} } }`,
  ),
  query('the same argument many times', 'VALIDATION_FAILED', `{ people(${'limit: 1 '.repeat(1500)}) { id } }`),
  query(
    'many arguments that are unknown',
    'VALIDATION_FAILED',
    `{ people(${many(1500, (n) => `limit${n}: 1`)}) { id } }`,
  ),
  query('many variables', 'VALIDATION_FAILED', `query (${many(900, (n) => `$v${n}: Int`)}) { me { id } }`),
  query(
    'many operations',
    'BAD_REQUEST',
    many(500, (n) => `query Q${n} { me { id } }`),
  ),
  query(
    'introspection in introspection',
    'VALIDATION_FAILED',
    '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
  ),
  query(
    'the schema many times',
    'LIMIT_ROOT_FIELDS',
    `{ ${many(40, (n) => `s${n}: __schema { types { fields { name } } }`)} }`,
  ),
  query(
    'parts of the schema many times',
    'LIMIT_ROOT_FIELDS',
    `{ __schema { ${many(90, (n) => `t${n}: types { fields { name } }`)} } }`,
  ),
  {
    title: 'levels of a variable',
    code: 'BAD_REQUEST',
    request: (n) => {
      const variables = `{"f":${'{"not":'.repeat(50_000)}1${'}'.repeat(50_000)}}`;
      return post(`{"query":"query ($f: Filter) { people(filter: $f) { id } } #${n}","variables":${variables}}`);
    },
  },
  {
    title: 'a list of many operations',
    code: 'BAD_REQUEST',
    request: (n) => post(Array.from({ length: 5000 }, () => ({ query: `{ me { id } } #${n}` }))),
  },
  {
    title: 'a list of bombs',
    code: 'LIMIT_ALIASES',
    status: 200,
    request: (n) =>
      post(Array.from({ length: 10 }, () => ({ query: `{ me { ${many(1000, (a) => `a${a}: name`)} } } #${n}` }))),
  },
  {
    title: 'JSON of many levels',
    code: 'BAD_REQUEST',
    request: () => post(`${'['.repeat(400_000)}${']'.repeat(400_000)}`),
  },
  {
    title: 'a body above the limit',
    code: 'BAD_REQUEST',
    status: 413,
    request: () => post(`{"query":"${'x'.repeat(1_100_000)}"}`),
  },
  {
    title: 'a question by GET that a page of another site could have sent',
    code: 'BAD_REQUEST',
    request: () => new Request('http://gateway.test/graphql?query={me{id}}'),
  },
  {
    title: 'a form that a page of another site could have sent',
    code: 'BAD_REQUEST',
    status: 415,
    request: () =>
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'query={me{id}}',
      }),
  },
  {
    title: 'JSON that says it is text, as a page of another site could send it',
    code: 'BAD_REQUEST',
    status: 415,
    request: () =>
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        body: '{"query":"{me{id}}"}',
      }),
  },
  {
    title: 'a form of parts that a page of another site could have sent',
    code: 'BAD_REQUEST',
    status: 415,
    request: () =>
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"{me{id}}"}\r\n--x--\r\n',
      }),
  },
];
