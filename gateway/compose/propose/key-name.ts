import { singularOf } from './inflect.ts';
import { joinPhrase, wordsOf } from './phrases.ts';

/** What the name of a field or parameter says of a key: whose (empty: of whatever it stands on), of which kind, and whether of many. */
export type KeyName = { phrase: string; kind: string; many: boolean };

/** Words that keys end in. `name` is none: names of things are seldom unique. */
const KINDS = new Map([
  ...['id', 'uuid', 'gid', 'iid', 'oid', 'pk', 'slug', 'code', 'sku', 'handle', 'key', 'number', 'ref'].map(
    (kind) => [kind, kind] as const,
  ),
  ['identifier', 'id'],
  ['guid', 'uuid'],
]);

/** What a key plays for the thing it stands on: `parentCategoryId` is the key of a category. */
const ROLES = new Set([
  ...['parent', 'root', 'original', 'source', 'target', 'destination', 'origin', 'previous', 'prev', 'next', 'related'],
  ...[
    'primary',
    'secondary',
    'default',
    'main',
    'current',
    'active',
    'last',
    'first',
    'latest',
    'from',
    'to',
    'linked',
  ],
  ...['billing', 'shipping', 'delivery', 'created', 'updated', 'modified', 'deleted', 'approved', 'assigned', 'by'],
  ...['assignee', 'owner', 'owning', 'sender', 'recipient', 'author', 'creator', 'requester', 'reporter', 'reviewer'],
  ...['home', 'away', 'new', 'old', 'base', 'master', 'child', 'associated', 'initial', 'final', 'preferred', 'home'],
]);

/** Reads `customerId`, `customer_ids`, `CustomerUUID`, `userid`; undefined for a name that is no key's. */
export function readKeyName(name: string): KeyName | undefined {
  const list = wordsOf(name);
  const last = list.at(-1) ?? '';
  const kind = KINDS.get(last) ?? KINDS.get(singularOf(last)) ?? (last === 'ids' ? 'id' : undefined);
  if (kind !== undefined) {
    const many = !KINDS.has(last);
    return { phrase: joinPhrase(list.slice(0, -1)), kind, many };
  }
  // Run together: what is no key (`paid`) finds nothing that is called so.
  const [, stem, plural] = /^([a-z]{3,})id(s?)$/.exec(last) ?? [];
  return stem === undefined
    ? undefined
    : { phrase: joinPhrase([...list.slice(0, -1), stem]), kind: 'id', many: plural === 's' };
}

const KIND_BEHIND =
  /([_-]+(identifier|id|uuid|guid|gid|iid|oid|pk|slug|code|sku|handle|key|number|ref)s?|(Identifier|I[dD]|Uuid|UUID|Guid|GUID|Gid|GID|Iid|IID|Oid|OID|Pk|PK|Slug|Code|Sku|SKU|Handle|Key|Number|Ref)s?)_*$/;

/** The field name without its kind: `customerId` → `customer`, `tag_ids` → `tag`; empty where nothing is left. */
export function withoutKind(name: string): string {
  const stem = name.replace(KIND_BEHIND, '');
  return stem === name ? name.replace(/_*(ids?|IDS?)$/, '') : stem;
}

/** Phrases that a key may mean, the fullest first: `parent category` also means `category`. */
export function meaningsOf(phrase: string): string[] {
  const meanings = [phrase];
  const list = phrase.split(' ');
  for (let at = 0; at < list.length - 1 && ROLES.has(list[at] ?? ''); at += 1)
    meanings.push(list.slice(at + 1).join(' '));
  // What is left may be a kind of key, and then names nothing: `primaryKeyId`.
  return meanings.filter((meaning) => meaning === phrase || !KINDS.has(meaning));
}
