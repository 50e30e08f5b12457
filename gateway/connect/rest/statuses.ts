/** Answers whose form depends on their status: each says with which one it came. */
import { type GraphQLField, getNamedType } from 'graphql';
import { isRecord } from '../../lib/json.ts';
import { directivesNamed } from '../../lib/sdl.ts';
import { STATUS_PROPERTY } from '../../lib/wire-directives.ts';

/**
 * Puts the status into an object that was answered, as the contract declares it: as such (`202`), else as its range (`2XX`). A source
 * cannot say it itself. Where all successes have one form nothing is put into any.
 */
export function statusTeller(
  field: GraphQLField<unknown, unknown>,
  source: string,
): (status: number, value: unknown) => unknown {
  const declared = declaredStatuses(field, source);
  if (declared.size === 0) return (_, value) => value;
  return (status, value) => {
    if (!isRecord(value)) return value;
    const exact = String(status);
    const { [STATUS_PROPERTY]: _own, ...rest } = value;
    const said = declared.get(exact) ?? declared.get(`${exact[0]}XX`);
    return said === undefined ? rest : { ...rest, [STATUS_PROPERTY]: said };
  };
}

/** Statuses as the contract writes them, by what they are in capitals. */
function declaredStatuses(field: GraphQLField<unknown, unknown>, source: string): Map<string, string> {
  const mappings = directivesNamed(getNamedType(field.type).astNode, 'discriminator')
    .filter((args) => args['subgraph'] === source && args['field'] === STATUS_PROPERTY)
    .flatMap(({ mapping }) => (Array.isArray(mapping) ? mapping : []));
  const statuses = mappings.flatMap((pair: unknown) => (Array.isArray(pair) ? [String(pair[0])] : []));
  return new Map(statuses.map((status) => [status.toUpperCase(), status]));
}
