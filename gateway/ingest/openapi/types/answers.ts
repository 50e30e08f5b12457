/** The type of what an operation answers, where successes of several statuses have forms of their own. */
import { Kind, print, type TypeDefinitionNode } from 'graphql';
import { namedTypeOf } from '../../../lib/ast.ts';
import { directiveNode, nameNode } from '../../../lib/sdl.ts';
import { STATUS_PROPERTY } from '../../../lib/wire-directives.ts';
import { type ChosenAnswer, isJson, type StatusChoice } from '../media.ts';
import type { Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import { namedType } from './graph.ts';
import { locate } from './site.ts';
import { objectTyped, type Typed, typeScalar, type Walk } from './typed.ts';

/** What is answered with one status, or a range of them. */
type Success = StatusChoice & { typed: Typed; flat: Flat };

/**
 * The type of an answer. Objects of other forms under other statuses make a union, whose members the status tells apart; what is no
 * object is read as the first form, and the report says so.
 */
export function typeAnswer(walk: Walk, answer: ChosenAnswer): Typed {
  if (answer.mediaType === '') return typeScalar('Void');
  const first = read(walk, answer);
  const mapping = [[first.status, keyOf(first)]];
  for (const other of answer.others) {
    const { status, site } = other;
    const member = site === answer.site ? first : read(walk, other);
    if (member === first || isPart(walk, member, first)) mapping.push([status, keyOf(first)]);
    else if (isObject(first) && isObject(member)) mapping.push([status, keyOf(member)]);
    else {
      const text = `answers with status ${status} have another form: they are read as the first one, and what does not fit is null or an error`;
      walk.notes.push({ pointer: site.pointer, text });
    }
  }
  const keys = [...new Set(mapping.map(([, key = '']) => key))];
  if (keys.length === 1) return first.typed;
  const key = walk.graph.add({
    key: `answers ${answer.site.pointer}`,
    wanted: answer.site.name.replace(/Response$/, 'Answer'),
    rank: 'made',
    build: (): TypeDefinitionNode => ({
      kind: Kind.UNION_TYPE_DEFINITION,
      name: nameNode(''),
      directives: [directiveNode('discriminator', { subgraph: walk.source, field: STATUS_PROPERTY, mapping })],
      types: keys.map(namedType),
    }),
  });
  return objectTyped(key);
}

function read(walk: Walk, choice: StatusChoice): Success {
  return {
    ...choice,
    typed: walk.typeOf(choice.site, 'out'),
    flat: flatten(locate(choice.site, walk.resolve), walk.resolve),
  };
}

function keyOf({ typed }: Success): string {
  return namedTypeOf(typed.type).name.value;
}

/** Whether it can be a member of a union: one object in JSON, no map and no choice between several. */
function isObject({ mediaType, typed, flat }: Success): boolean {
  return isJson(mediaType) && typed.json === 'object' && !typed.dictionary && flat.options.length === 0;
}

/** Whether all that one has is in the other as well, so that it needs no form of its own. */
function isPart(walk: Walk, part: Success, whole: Success): boolean {
  if (!isObject(part) || !isObject(whole)) return print(part.typed.type) === print(whole.typed.type);
  const misses = [...whole.flat.required].some((name) => !part.flat.required.has(name));
  if (walk.strict && misses) return false;
  return [...part.flat.properties].every(([name, site]) => {
    const other = whole.flat.properties.get(name);
    return other !== undefined && print(walk.typeOf(site, 'out').type) === print(walk.typeOf(other, 'out').type);
  });
}
