import { type GraphQLAbstractType, type GraphQLObjectType, isNonNullType } from 'graphql';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';
import { type Model, wireName } from './model.ts';

type Discriminator = { property: string; typeOf: Map<string, string> };

/**
 * Tells which member of a union or interface a value is: what the source says (`__typename`), then the discriminator of the
 * contract, then the one member whose required properties are all there. A tie is an error that names the type, never a guess.
 */
export function createTypeResolver(model: Model, type: GraphQLAbstractType): (value: unknown) => string {
  const discriminators = directivesNamed(type.astNode, 'discriminator').map(readDiscriminator);
  const members = model.schema.getPossibleTypes(type);
  const byOwnName = new Map(
    members.flatMap((member) =>
      model.ownersOf(member.name).map((source) => [model.ownName(member.name, source), member.name] as const),
    ),
  );
  const shapes = members.map((member) => ({ name: member.name, ...shapeOf(model, member) }));
  return (value) => {
    if (!isRecord(value)) throw unknownMember(type.name);
    const said = value['__typename'];
    if (typeof said === 'string' && byOwnName.has(said)) return byOwnName.get(said) ?? said;
    for (const { property, typeOf } of discriminators) {
      const found = typeOf.get(String(value[property])) ?? byOwnName.get(String(value[property]));
      if (found !== undefined) return found;
    }
    const fitting = shapes.filter(({ required }) =>
      required.every((name) => value[name] !== undefined && value[name] !== null),
    );
    const scored = fitting.map(({ name, known }) => ({
      name,
      score: Object.keys(value).filter((key) => known.has(key)).length,
    }));
    const best = Math.max(...scored.map(({ score }) => score));
    const [only, second] = scored.filter(({ score }) => score === best);
    if (!only || second) throw unknownMember(type.name);
    return only.name;
  };
}

function readDiscriminator(args: Record<string, unknown>): Discriminator {
  const mapping = Array.isArray(args['mapping']) ? args['mapping'] : [];
  const pairs = mapping.map((pair: unknown) =>
    Array.isArray(pair) ? ([String(pair[0]), String(pair[1])] as const) : (['', ''] as const),
  );
  return { property: String(args['field']), typeOf: new Map(pairs) };
}

function shapeOf(model: Model, member: GraphQLObjectType): { required: string[]; known: Set<string> } {
  const [source = ''] = model.ownersOf(member.name);
  const fields = Object.values(member.getFields());
  return {
    required: fields.filter(({ type }) => isNonNullType(type)).map((field) => wireName(field, source)),
    known: new Set(fields.map((field) => wireName(field, source))),
  };
}

function unknownMember(type: string): GatewayError {
  return new GatewayError('UPSTREAM_BAD_PAYLOAD', {
    message: `The source gave a value that is no single member of ${type}.`,
  });
}
