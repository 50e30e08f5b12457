import { type GraphQLSchema, isIntrospectionType, isObjectType } from 'graphql';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';
import type { Model } from './model.ts';

/**
 * Lets no value but an object stand for an object: of a list or a text every field would be null, and nobody would know why. Types that
 * stand for a value which is none (`@resolveRoot`) take whatever it is. In place.
 */
export function attachObjectChecks(schema: GraphQLSchema, { ownersOf }: Pick<Model, 'ownersOf'>): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    if (Object.values(type.getFields()).some(({ astNode }) => directivesNamed(astNode, 'resolveRoot').length > 0))
      continue;
    const [source, second] = ownersOf(type.name);
    const known = source === undefined || second !== undefined ? {} : { source };
    type.isTypeOf = (value) => {
      if (isRecord(value)) return true;
      throw new GatewayError('UPSTREAM_BAD_PAYLOAD', { ...known, cause: `a value of ${type.name} is no object` });
    };
  }
}
