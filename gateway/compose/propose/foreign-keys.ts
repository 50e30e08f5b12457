import type { FieldDefinitionNode, ObjectTypeDefinitionNode } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import { examplesAgree, isEverywhere, isForeign, namesThing } from './evidence.ts';
import { pluralOf } from './inflect.ts';
import { isAmbiguous, isGivenBy, isOfOtherVersion, isOwnKey, isPlaceholder, isPolymorphic } from './key-doubts.ts';
import { findMeaning, findParent, type Meant } from './key-meaning.ts';
import { type KeyName, readKeyName, withoutKind } from './key-name.ts';
import { pageCaveats } from './paging.ts';
import { withArticle, wordsOf } from './phrases.ts';
import type { Draft } from './proposal.ts';
import { takesNothing } from './row-keys.ts';
import { isList } from './rows.ts';
import { sortOf } from './sorts.ts';
import { type Place, phrasesOfType, type World } from './world.ts';

/** Answers that tell of what is there no longer. */
const GONE = /^delet(e|ed|ion)$/;

/** `Order.customerId` → `Order.customer`: fields that hold keys of things which can be looked up. */
export function proposeForeignKeys(world: World, place: Place): Draft[] {
  const kept = place.objects.filter(({ name }) => !wordsOf(name.value).some((word) => GONE.test(word)));
  return kept.flatMap((type) =>
    (type.fields ?? []).flatMap((field) => {
      const key = readKeyName(field.name.value);
      return key && takesNothing(field) ? (proposeKey(world, place, type, field, key) ?? []) : [];
    }),
  );
}

function proposeKey(
  world: World,
  place: Place,
  type: ObjectTypeDefinitionNode,
  field: FieldDefinitionNode,
  key: KeyName,
): Draft | undefined {
  const sort = sortOf(namedTypeOf(field.type).name.value);
  const many = isList(field.type);
  if (!sort || many !== key.many || key.phrase === '' || isForeign(field)) return undefined;
  if (isPolymorphic(type, key) || isPlaceholder(type, key)) return undefined;
  const own = phrasesOfType(place, type.name.value);
  if (isOwnKey(type, key, own)) return undefined;
  const found =
    key.phrase === 'parent' ? findParent(place, type, key, sort) : findMeaning(world, place, { ...key, sort }, own);
  if (!found) return undefined;
  const { lookup, qualified } = found;
  if (isOfOtherVersion(place, type, lookup)) return undefined;
  if (!qualified && (lookup.operation.rows.type === type.name.value || isAmbiguous(place, lookup, key)))
    return undefined;
  const stem = withoutKind(field.name.value);
  const name = many ? pluralOf(stem) : stem;
  if (stem === '' || isGivenBy(place, type, { name, many, qualified, thing: lookup.thing })) return undefined;
  const judged = judge(found, field, key);
  if (!judged) return undefined;
  const { operation, rowKey, arg } = lookup;
  const named = field.name.value;
  return {
    source: place.name,
    type: type.name.value,
    field: name,
    answer: operation.rows.type,
    target: {
      source: operation.source,
      field: operation.name,
      keysArg: arg.path,
      valueKeyFields: rowKey.declared ? [rowKey.path] : [],
      ...(operation.rows.path.length > 0 ? { result: operation.rows.path.join('.') } : {}),
    },
    keyFields: [named],
    many,
    bulk: lookup.bulk,
    confidence: judged.confidence,
    reasons: judged.reasons,
    text: many ? `What ${named} names, each ${withArticle(lookup.thing)}` : `The ${lookup.thing} that ${named} names`,
    passed: [],
  };
}

/** How sure it is and why; undefined where the contracts' examples speak against it. */
function judge(
  { lookup, fit, far, qualified, named }: Meant,
  field: FieldDefinitionNode,
  key: KeyName,
): { confidence: number; reasons: string[] } | undefined {
  const { operation, rowKey, bulk, thing } = lookup;
  const agree = examplesAgree(field, rowKey.node);
  if (agree === false) return undefined;
  if (far && named !== true && agree !== true && isEverywhere(thing, operation.source)) return undefined;
  let confidence = [0, 0.74, 0.86, 0.92][fit] ?? 0;
  const reasons = [
    `${field.name.value} is called like the key of ${withArticle(thing)}: ${operation.label} answers one by ${lookup.arg.path}`,
    `both are ${rowKey.sort}s, and rows have ${rowKey.path}`,
  ];
  if (bulk) {
    confidence += 0.03;
    reasons.push(`${lookup.arg.path} takes many at once`, ...pageCaveats(operation));
  }
  if (qualified) {
    confidence -= 0.06;
    reasons.push(`the words before ${thing} only say which one`);
  }
  if (namesThing(field, key.phrase) || namesThing(field, thing)) {
    confidence += 0.03;
    reasons.push('its description says so');
  }
  if (agree === true) {
    confidence += far ? 0.08 : 0.03;
    reasons.push('the examples of both look alike');
  }
  if (far) {
    confidence -= 0.14;
    reasons.push(`no other source has ${withArticle(thing)}`);
  }
  return { confidence: Math.min(0.99, Math.round(confidence * 100) / 100), reasons };
}
