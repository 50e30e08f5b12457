import type { ObjectTypeExtensionNode } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import type { Placed } from '../collide.ts';
import type { ComposeFault } from '../joins.ts';
import { fieldOf, followPath, uniteTypes } from '../paths.ts';
import { cacheCoordinates } from './entries.ts';

/**
 * Checks what policies say of answers that are kept, all faults at once.
 *
 * @param isWhole whether all sources are there: while one is absent, others may speak of what only it has
 */
export function checkCache(
  placed: Placed,
  extensions: readonly ObjectTypeExtensionNode[],
  isWhole: boolean,
): ComposeFault[] {
  const types = uniteTypes(placed.sources);
  const faults: ComposeFault[] = [];
  const added = new Set(
    extensions.flatMap(({ name, fields = [] }) => fields.map((field) => `${name.value}.${field.name.value}`)),
  );
  for (const { source, written, type, field, rules } of cacheCoordinates(placed)) {
    const { cacheControl, invalidates, entityId } = rules;
    const fault = (message: string): void =>
      void faults.push({
        file: `sources/${source}/policy.yaml`,
        line: 1,
        message: `coordinates ${written}: ${message}`,
      });
    const own = placed.sources.find(({ name }) => name === source);
    const root = own?.roots.get(type)?.find(({ name }) => name.value === field);
    const known = root ?? fieldOf(types, type, field);
    // That there is no such field is told of every coordinate alike.
    if (!known && !added.has(`${type}.${field}`)) continue;
    if (cacheControl && (type === 'Mutation' || type === 'Subscription'))
      fault('cacheControl stands on fields of Query and of what it answers.');
    if (entityId && (root || added.has(`${type}.${field}`))) fault('entityId stands on a field that the source has.');
    if (!invalidates) continue;
    if (type !== 'Mutation') fault('invalidates stands on fields of Mutation.');
    const nameOf = (name: string): string => placed.typeNames.get(source)?.get(name) ?? name;
    const named = [...(invalidates.types ?? []), ...(invalidates.lists ?? [])];
    for (const name of [...named, ...(invalidates.entities ?? []).map((entity) => entity.type)])
      if (isWhole && !types.has(nameOf(name))) fault(`there is no type ${name}.`);
    for (const name of invalidates.sources ?? [])
      if (isWhole && !placed.sources.some((each) => each.name === name)) fault(`there is no source ${name}.`);
    for (const { idFrom } of invalidates.entities ?? []) {
      const [first = '', ...rest] = idFrom.split('.');
      const arg = root?.arguments?.find(({ name }) => name.value === first);
      if (!arg || followPath(types, namedTypeOf(arg.type).name.value, rest.join('.')) === undefined)
        fault(`there is no argument ${idFrom}.`);
    }
  }
  return faults;
}
