import { type InputValueDefinitionNode, Kind, print } from 'graphql';
import { namedTypeOf, nullable } from '../../lib/ast.ts';
import type { Argument } from './arguments.ts';
import type { Operation } from './operations.ts';

/** Arguments that bound or continue a list. */
const PAGING =
  /^(limit|offset|page|per_?page|page_?size|page_?number|page_?token|cursor|after|before|first|last|skip|take|top|starting_after|ending_before|max_?results|count)$/i;
const PLAIN = new Set(['String', 'Int', 'ID']);

/** Arguments that clients may want where one parent is asked at a time. */
export function pagingOf({ args }: Operation, key: Argument): InputValueDefinitionNode[] {
  return args
    .filter(({ path, name, required }) => path === name && !required && path !== key.path && PAGING.test(name))
    .map(({ node }) => node)
    .filter(({ type }) => nullable(type).kind === Kind.NAMED_TYPE && PLAIN.has(namedTypeOf(type).name.value));
}

/** What to look at before many keys go out at once: a page that is full may leave some unanswered. */
export function pageCaveats({ args }: Operation): string[] {
  return args.flatMap(({ name, node }) => {
    const saysOf = /\b(keys?|ids?)\b/i.test(node.description?.value ?? '');
    return PAGING.test(name) && node.defaultValue?.kind === Kind.INT && Number(node.defaultValue.value) > 1 && !saysOf
      ? [`see that ${name}: ${print(node.defaultValue)} does not cut reads by key`]
      : [];
  });
}
