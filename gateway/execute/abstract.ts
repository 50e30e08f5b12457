import { type GraphQLAbstractType, type GraphQLObjectType, type GraphQLTypeResolver, isNonNullType } from 'graphql';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';
import { forbidden } from './forbidden.ts';
import { grantsOf } from './grants.ts';
import { chooseKin } from './kin.ts';
import { type Model, wireName } from './model.ts';
import { allows, chooseVariant, readVariants, type Word } from './variants.ts';

type Discriminator = { property: string; typeOf: Map<string, string>; otherwise: string | undefined };

/**
 * Tells which member of a union or interface a value is: what the source says (`__typename`), then the discriminator of the
 * contract, then what the contract says of its members (`@variants`), then the one member whose required properties are all there.
 * A discriminator that says something says it of none of the members that it has other words for. The base of others stands for what
 * shows none of them. A tie is an error that names the coordinate, never a guess.
 */
export function createTypeResolver(model: Model, type: GraphQLAbstractType): GraphQLTypeResolver<unknown, unknown> {
  const discriminators = directivesNamed(type.astNode, 'discriminator').map(readDiscriminator);
  const variants = directivesNamed(type.astNode, 'variants').flatMap(readVariants);
  const otherwise = discriminators.find((each) => each.otherwise !== undefined)?.otherwise;
  const kin = variants.filter((each) => each.type !== otherwise);
  const members = model.schema.getPossibleTypes(type);
  const byOwnName = new Map(
    members.flatMap((member) =>
      model.ownersOf(member.name).map((source) => [model.ownName(member.name, source), member.name] as const),
    ),
  );
  const shapes = members.map((member) => shapeOf(model, member));
  const named = new Set(discriminators.flatMap(({ typeOf }) => [...typeOf.values()]));
  const choose = (value: unknown): string | undefined => {
    const said = isRecord(value) ? wordOf(value, discriminators) : undefined;
    if (otherwise !== undefined && variants.length > 0) {
      // A word that stands for no child is not silence: it is the base's.
      const allowed = said ? kin.filter((each) => allows(each, said)) : kin;
      return chooseKin(allowed, otherwise, value) ?? (said ? otherwise : undefined);
    }
    if (said)
      return chooseVariant(
        variants.filter((each) => !named.has(each.type) || allows(each, said)),
        value,
      );
    if (variants.length > 0) return chooseVariant(variants, value);
    return (isRecord(value) ? bestShape(shapes, value) : undefined) ?? otherwise;
  };
  const isRuled = members.some((member) => model.requirements.ofType(member).length > 0);
  const inner = innerResolvers(model, type, members);
  const tell: GraphQLTypeResolver<unknown, unknown> = (value, context, info, of) => {
    const told = isRecord(value) ? toldBy(value, discriminators, byOwnName) : undefined;
    const found = told ?? choose(value);
    if (found === undefined) throw unknownMember(type.name, `${info.parentType.name}.${info.fieldName}`);
    return inner.get(found)?.(value, context, info, of) ?? found;
  };
  if (!isRuled) return tell;
  return (value, context, info, of) => {
    const found = tell(value, context, info, of);
    // Whatever is selected of it: that there is a value of the type is already more than who asks may know.
    const slots = context as RequestContext;
    if (grantsOf(slots).denied?.hasType(String(found)) === true) throw forbidden(String(found), slots);
    return found;
  };
}

/** By members that are bases of others of these members: what tells those apart, each in turn. */
function innerResolvers(
  model: Model,
  type: GraphQLAbstractType,
  members: readonly GraphQLObjectType[],
): Map<string, GraphQLTypeResolver<unknown, unknown>> {
  const inner = new Map<string, GraphQLTypeResolver<unknown, unknown>>();
  for (const member of members) {
    const own = member.getInterfaces().find((each) => {
      const bases = directivesNamed(each.astNode, 'discriminator').map(({ otherwise }) => otherwise);
      const below = model.schema.getPossibleTypes(each);
      return (
        bases.includes(member.name) && below.length < members.length && below.every((one) => members.includes(one))
      );
    });
    if (own && own !== type) inner.set(member.name, createTypeResolver(model, own));
  }
  return inner;
}

function toldBy(
  value: Readonly<Record<string, unknown>>,
  discriminators: readonly Discriminator[],
  byOwnName: ReadonlyMap<string, string>,
): string | undefined {
  const said = value['__typename'];
  if (typeof said === 'string' && byOwnName.has(said)) return byOwnName.get(said);
  for (const { property, typeOf } of discriminators) {
    const own = String(value[property]);
    const found = typeOf.get(own) ?? byOwnName.get(own);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a discriminator says of a value; undefined where its property is not there. */
function wordOf(value: Readonly<Record<string, unknown>>, discriminators: readonly Discriminator[]): Word | undefined {
  for (const { property } of discriminators) {
    const own = Object.hasOwn(value, property) ? value[property] : undefined;
    if (/^(string|number|boolean)$/.test(typeof own)) return { property, text: String(own) };
  }
  return undefined;
}

function readDiscriminator(args: Record<string, unknown>): Discriminator {
  const mapping = Array.isArray(args['mapping']) ? args['mapping'] : [];
  const pairs = mapping.map((pair: unknown) =>
    Array.isArray(pair) ? ([String(pair[0]), String(pair[1])] as const) : (['', ''] as const),
  );
  const { otherwise } = args;
  return {
    property: String(args['field']),
    typeOf: new Map(pairs),
    otherwise: typeof otherwise === 'string' ? otherwise : undefined,
  };
}

type Shape = { name: string; required: string[]; known: Set<string> };

function shapeOf(model: Model, member: GraphQLObjectType): Shape {
  const [source = ''] = model.ownersOf(member.name);
  const fields = Object.values(member.getFields());
  return {
    name: member.name,
    required: fields.filter(({ type }) => isNonNullType(type)).map((field) => wireName(field, source)),
    known: new Set(fields.map((field) => wireName(field, source))),
  };
}

/** The one member that has everything it requires and knows most of what is there. */
function bestShape(shapes: readonly Shape[], value: Readonly<Record<string, unknown>>): string | undefined {
  const fitting = shapes.filter(({ required }) =>
    required.every((name) => value[name] !== undefined && value[name] !== null),
  );
  const scored = fitting.map(({ name, known }) => ({
    name,
    score: Object.keys(value).filter((key) => known.has(key)).length,
  }));
  const best = Math.max(...scored.map(({ score }) => score));
  const [only, second] = scored.filter(({ score }) => score === best);
  return second ? undefined : only?.name;
}

function unknownMember(type: string, coordinate: string): GatewayError {
  return new GatewayError('UPSTREAM_BAD_PAYLOAD', {
    message: `The source gave a value for ${coordinate} that is no single member of ${type}.`,
  });
}
