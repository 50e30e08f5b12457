/** What speaks against a field being the key of a thing although it is called so. */
import { Kind, type ObjectTypeDefinitionNode } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import { type KeyName, readKeyName } from './key-name.ts';
import type { Lookup } from './lookups.ts';
import { endsWithPhrase, phraseOf, typePhrase, wordsOf } from './phrases.ts';
import { isList } from './rows.ts';
import type { Place } from './world.ts';

/** `Order.orderId` is no key of another order; nor is `PurchaseOrder.orderId`, as long as it is the only key there. */
export function isOwnKey({ fields }: ObjectTypeDefinitionNode, { phrase }: KeyName, own: ReadonlySet<string>): boolean {
  if (own.has(phrase)) return true;
  const hasOther = (fields ?? []).some(({ name }) => readKeyName(name.value)?.phrase === '');
  return !hasOther && [...own].some((each) => endsWithPhrase(each, phrase));
}

/** Whether the source has another thing that goes by the same key, where the one found is called something else. */
export function isAmbiguous(place: Place, { thing, operation }: Lookup, { phrase, kind }: KeyName): boolean {
  if (endsWithPhrase(thing, phrase) || operation.source !== place.name) return false;
  if (place.document.types.get(operation.rows.type)?.kind === Kind.UNION_TYPE_DEFINITION) return false;
  return place.objects.some(({ name, fields }) => {
    const other = typePhrase(name.value);
    if (other === thing || !endsWithPhrase(other, phrase)) return false;
    return (fields ?? []).some((field) => {
      const key = readKeyName(field.name.value);
      return key?.kind === kind && !key.many && (key.phrase === phrase || (other === phrase && key.phrase === ''));
    });
  });
}

/** Whether the thing has a type of the version that the field's type is of: `V1Refund.paymentId` is the key of a `V1Payment`. */
export function isOfOtherVersion(
  place: Place,
  { name }: ObjectTypeDefinitionNode,
  { thing, operation }: Lookup,
): boolean {
  const [version = ''] = wordsOf(name.value);
  if (!/^v\d+$/.test(version) || wordsOf(operation.rows.type)[0] === version) return false;
  return place.objects.some((type) => wordsOf(type.name.value)[0] === version && typePhrase(type.name.value) === thing);
}

/** A code that stands alone stands for any: `labels: { localeCode: "…" }`. */
export function isPlaceholder({ fields }: ObjectTypeDefinitionNode, { kind }: KeyName): boolean {
  return fields?.length === 1 && (kind === 'code' || kind === 'key' || kind === 'slug');
}

/** `targetId` beside `targetType` may name anything. */
export function isPolymorphic({ fields }: ObjectTypeDefinitionNode, { phrase }: KeyName): boolean {
  const tells = ['type', 'kind', 'class', 'model'].map((word) => `${phrase} ${word}`);
  return (fields ?? []).some(({ name }) => tells.includes(wordsOf(name.value).join(' ')));
}

/** Whether the type has a field of the new name, or one that gives the thing already. */
export function isGivenBy(
  place: Place,
  { fields }: ObjectTypeDefinitionNode,
  wanted: { name: string; many: boolean; qualified: boolean; thing: string },
): boolean {
  const called = wordsOf(wanted.name).join(' ');
  return (fields ?? []).some(({ name, type }) => {
    if (wordsOf(name.value).join(' ') === called) return true;
    const inner = namedTypeOf(type).name.value;
    const node = place.document.types.get(inner);
    const isThing = node !== undefined && 'fields' in node && node.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION;
    if (!isThing || isList(type) !== wanted.many) return false;
    const fits = typePhrase(inner) === wanted.thing || phraseOf(name.value) === wanted.thing;
    return fits && (!wanted.qualified || endsWithPhrase(phraseOf(wanted.name), phraseOf(name.value)));
  });
}
