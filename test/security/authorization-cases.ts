/**
 * Who may ask what, as a table: each row is asked as somebody, and says what is answered and what sources were called. Tests of what
 * answers without asking (caches) run the same rows again.
 */
export type AuthorizationCase = {
  readonly title: string;
  /** A key of `KEYS`; undefined for nobody. */
  readonly who?: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly data: unknown;
  /** Paths of FORBIDDEN errors, in order. */
  readonly denied: readonly string[];
  readonly calls: readonly string[];
};

export const AUTHORIZATION_CASES: readonly AuthorizationCase[] = [
  {
    title: 'what nothing is required of is for everybody',
    query: '{ open }',
    data: { open: 'open' },
    denied: [],
    calls: ['shop.open'],
  },
  {
    title: '@authenticated refuses nobody-in-particular, and calls nothing for it',
    query: '{ open signedIn }',
    data: { open: 'open', signedIn: null },
    denied: ['signedIn'],
    calls: ['shop.open'],
  },
  {
    title: '@authenticated lets anybody with a proof through',
    who: 'bo',
    query: '{ signedIn }',
    data: { signedIn: 'signedIn' },
    denied: [],
    calls: ['shop.signedIn'],
  },
  {
    title: '@requiresScopes: one list, all of it',
    who: 'admin',
    query: '{ either }',
    data: { either: 'either' },
    denied: [],
    calls: ['shop.either'],
  },
  {
    title: '@requiresScopes: another list',
    who: 'ada',
    query: '{ either }',
    data: { either: 'either' },
    denied: [],
    calls: ['shop.either'],
  },
  {
    title: '@requiresScopes: half of a list is not enough',
    who: 'bo',
    query: '{ either }',
    data: { either: null },
    denied: ['either'],
    calls: [],
  },
  {
    title: '@requiresRole: one of the roles',
    who: 'bo',
    query: '{ staff }',
    data: { staff: 'staff' },
    denied: [],
    calls: ['shop.staff'],
  },
  {
    title: '@requiresRole: none of them',
    who: 'ada',
    query: '{ staff }',
    data: { staff: null },
    denied: ['staff'],
    calls: [],
  },
  {
    title: 'a denied field that cannot be null takes its parent along',
    who: 'ada',
    query: '{ strict }',
    data: null,
    denied: ['strict'],
    calls: [],
  },
  {
    title: 'an alias hides nothing, and each is denied by itself',
    who: 'bo',
    query: '{ a: staff b: open c: either d: either }',
    data: { a: 'staff', b: 'open', c: null, d: null },
    denied: ['c', 'd'],
    calls: ['shop.staff', 'shop.open'],
  },
  {
    title: 'fragments hide nothing: named, inline, nested',
    query:
      '{ ...A ... on Query { x: signedIn ... { y: signedIn } } } fragment A on Query { ...B } fragment B on Query { signedIn open }',
    data: { signedIn: null, open: 'open', x: null, y: null },
    denied: ['signedIn', 'x', 'y'],
    calls: ['shop.open'],
  },
  {
    title: 'what is skipped is not asked for',
    query: 'query($no: Boolean = false) { signedIn @include(if: $no) open @skip(if: $no) }',
    data: { open: 'open' },
    denied: [],
    calls: ['shop.open'],
  },
  {
    title: 'variables decide by their values',
    query: 'query($no: Boolean!) { signedIn @include(if: $no) open }',
    variables: { no: true },
    data: { signedIn: null, open: 'open' },
    denied: ['signedIn'],
    calls: ['shop.open'],
  },
];
