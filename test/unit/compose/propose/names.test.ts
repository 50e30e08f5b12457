/** What names say: plurals, phrases of types and operations, keys. */
import { describe, expect, it } from 'vitest';
import { pluralOf, singularOf } from '../../../../gateway/compose/propose/inflect.ts';
import { meaningsOf, readKeyName, withoutKind } from '../../../../gateway/compose/propose/key-name.ts';
import { operationWords, phraseOf, typePhrase, withArticle } from '../../../../gateway/compose/propose/phrases.ts';

describe('plurals', () => {
  it.each([
    ['order', 'orders'],
    ['category', 'categories'],
    ['address', 'addresses'],
    ['box', 'boxes'],
    ['batch', 'batches'],
    ['person', 'people'],
    ['movie', 'movies'],
    ['cache', 'caches'],
    ['status', 'statuses'],
    ['warehouse', 'warehouses'],
    ['course', 'courses'],
    ['licence', 'licences'],
    ['expense', 'expenses'],
    ['clause', 'clauses'],
    ['day', 'days'],
  ])('%s, %s', (one, many) => {
    expect(singularOf(many)).toBe(one);
    expect(singularOf(one)).toBe(one);
    expect(pluralOf(one)).toBe(many);
    expect(pluralOf(many)).toBe(many);
  });

  it.each(['stock', 'series', 'news', 'data', 'settings'])('%s is one and many', (word) => {
    expect([singularOf(word), pluralOf(word)]).toEqual([word, word]);
  });

  it('the end of a longer name is what counts', () => {
    expect(['deliveryAddress', 'root_category', 'tag'].map(pluralOf)).toEqual([
      ...['deliveryAddresses', 'root_categories', 'tags'],
    ]);
  });
});

describe('phrases', () => {
  it.each([
    ['OrderLine', 'order line'],
    ['order-lines', 'order line'],
    ['order_line', 'order line'],
    ['HTTPServers', 'http server'],
    ['customerIDs', 'customer ids'],
  ])('%s is "%s"', (name, phrase) => expect(phraseOf(name)).toBe(phrase));

  it.each(['User', 'SimpleUser', 'UserResponse', 'UserDto', 'UserDtoV2', 'V1User', 'UserWithRoles', 'GetUserResponse'])(
    'a %s is a user',
    (name) => expect(typePhrase(name)).toBe('user'),
  );

  it('a type is never nothing', () => {
    expect(['Response', 'Data', 'UserDetail', 'OrderItem'].map(typePhrase)).toEqual([
      ...['response', 'data', 'user', 'order item'],
    ]);
  });

  it.each([
    ['BatchGetStockAt', ['stock']],
    ['listOrdersByCustomer', ['orders']],
    ['order', ['order']],
    ['getAll', []],
  ])('%s answers %j', (name, list) => expect(operationWords(name)).toEqual(list));

  it('sentences have the right article', () => {
    expect(['order', 'user', 'customer'].map(withArticle)).toEqual(['an order', 'a user', 'a customer']);
  });
});

describe('keys', () => {
  it.each([
    ['customerId', 'customer', 'id', false],
    ['customer_ids', 'customer', 'id', true],
    ['CustomerUUID', 'customer', 'uuid', false],
    ['customerIDs', 'customer', 'id', true],
    ['id', '', 'id', false],
    ['ids', '', 'id', true],
    ['userid', 'user', 'id', false],
    ['billing_address_id', 'billing address', 'id', false],
    ['countryCode', 'country', 'code', false],
    ['articleSkus', 'article', 'sku', true],
    ['projectGuid', 'project', 'uuid', false],
  ])('%s is a key', (name, phrase, kind, many) => expect(readKeyName(name)).toEqual({ phrase, kind, many }));

  it.each(['name', 'constructor', 'side', 'hidden', 'identity', 'toString'])('%s is none', (name) =>
    expect(readKeyName(name)).toBeUndefined(),
  );

  it.each([
    ['customerId', 'customer'],
    ['customer_ids', 'customer'],
    ['ConfigID', 'Config'],
    ['NetworkIDs', 'Network'],
    ['userid', 'user'],
    ['country_code', 'country'],
    ['order__id', 'order'],
    ['id', ''],
  ])('%s without its kind is "%s"', (name, stem) => expect(withoutKind(name)).toBe(stem));

  it('words in front may only say which part a thing plays', () => {
    expect(meaningsOf('parent category')).toEqual(['parent category', 'category']);
    expect(meaningsOf('default billing address')).toEqual([
      ...['default billing address', 'billing address', 'address'],
    ]);
    expect(meaningsOf('line item')).toEqual(['line item']);
    expect(meaningsOf('primary key')).toEqual(['primary key']);
  });
});
