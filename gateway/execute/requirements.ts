/** What the unified schema requires of who asks: the directives of types, fields, arguments and inputs, as they hold together. */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { PolicyRequirement, Requirement } from '../config/coordinates.ts';
import { reaching } from '../lib/reach.ts';
import { directivesNamed } from '../lib/sdl.ts';
import { callOf } from './call-of.ts';
import { hasRequired, readRequired, readSourceRequirements, unique } from './required.ts';

/** What must hold for one field of an object type. */
export type FieldRequirements = {
  /** Decided before anything is called: by who asks, and by the arguments. */
  readonly before: readonly Requirement[];
  /** Decided by its resolver: rules that look at the object which has the field. */
  readonly onObject: readonly PolicyRequirement[];
  /** Whether something is required of its arguments, or of what can stand in them. */
  readonly onInputs: boolean;
};

export type Requirements = {
  /** Whether nothing is required of anybody. */
  readonly isEmpty: boolean;
  ofField(type: GraphQLObjectType, field: AnyField): FieldRequirements;
  /** For the field where it calls the source. */
  ofCall(field: AnyField, source: string): readonly Requirement[];
  /** For all that call the source. */
  ofSource(source: string): readonly Requirement[];
  /** For values of the type: what is decided without looking at them. */
  ofType(type: GraphQLNamedType): readonly Requirement[];
  /** For objects of the type: rules that look at them. */
  onObjectsOf(type: GraphQLNamedType): readonly PolicyRequirement[];
  /** For who gives an argument. */
  ofArgument(type: GraphQLObjectType, field: AnyField, argument: GraphQLArgument): readonly Requirement[];
  /** For who gives a field of an input. */
  ofInputField(field: GraphQLInputField): readonly Requirement[];
  /** Whether something is required of what can stand in a value of the input type. */
  isInputGuarded(type: GraphQLNamedType): boolean;
  /** Whether the field's resolver has to ask: it, what it gives, or the like of it in another type of an interface, can be denied. */
  isGuarded(type: GraphQLObjectType, field: AnyField): boolean;
  /** Whether anything is required of what can be selected below values of the type. */
  reaches(type: GraphQLNamedType): boolean;
};

type AnyField = GraphQLField<unknown, unknown>;

const NONE: readonly Requirement[] = [];
const FREE: FieldRequirements = { before: [], onObject: [], onInputs: false };

/** Reads the requirements of a unified schema in its private form. @throws GatewayError BAD_REQUEST for a directive that cannot be read */
export function readRequirements(schema: GraphQLSchema): Requirements {
  const on = readRequired();
  const sources = readSourceRequirements(schema, on);
  // Where nothing is required, nothing reaches it: every field of every type need not be asked.
  const isAny = hasRequired(schema);
  const types = isAny ? Object.values(schema.getTypeMap()) : [];
  const members = (type: GraphQLNamedType): readonly GraphQLObjectType[] =>
    isObjectType(type) ? [type] : isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  const fieldsOf = (type: GraphQLObjectType): AnyField[] => Object.values(type.getFields());
  const inputsOf = (type: GraphQLNamedType): GraphQLInputField[] =>
    isInputObjectType(type) ? Object.values(type.getFields()) : [];

  /** What stands on the type and on its interfaces, whose values its own are. */
  const onType = memo((type: GraphQLNamedType): readonly Requirement[] => {
    const interfaces = isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : [];
    return unique([type, ...interfaces].flatMap(({ astNode }) => on(astNode)));
  });
  const ofType = memo((type: GraphQLNamedType) => onType(type).filter((each) => !objectRule(each)));
  const onObjectsOf = memo((type: GraphQLNamedType) => onType(type).flatMap((each) => objectRule(each) ?? []));
  /** The field as the type has it, and as interfaces of it declare it: what they require holds, too. */
  const declarationsOf = (type: GraphQLObjectType, field: AnyField): AnyField[] => [
    field,
    ...type.getInterfaces().flatMap((each) => each.getFields()[field.name] ?? []),
  ];
  const ofArgument: Requirements['ofArgument'] = (type, field, { name }) =>
    unique(declarationsOf(type, field).flatMap(({ args }) => on(args.find((arg) => arg.name === name)?.astNode)));

  const guardedInputs = reaching(
    types,
    (type) => inputsOf(type).map((field) => getNamedType(field.type)),
    (type) => ofType(type).length > 0 || inputsOf(type).some(({ astNode }) => on(astNode).length > 0),
  );
  const known = memo((field: AnyField, type: GraphQLObjectType): FieldRequirements => {
    const onField = unique(declarationsOf(type, field).flatMap(({ astNode }) => on(astNode)));
    const before = onField.filter((each) => !objectRule(each));
    return {
      before: unique([...before, ...ofType(type), ...ofType(getNamedType(field.type))]),
      onObject: onField.flatMap((each) => objectRule(each) ?? []),
      onInputs: field.args.some(
        (arg) => ofArgument(type, field, arg).length > 0 || guardedInputs.has(getNamedType(arg.type)),
      ),
    };
  });
  const ofField = (type: GraphQLObjectType, field: AnyField): FieldRequirements =>
    // `__typename` is of every type and of none.
    field.name.startsWith('__') ? FREE : known(field, type);
  const ofCall: Requirements['ofCall'] = ({ astNode }, source) =>
    directivesNamed(astNode, 'withoutDefaults').length > 0 ? NONE : (sources.get(source) ?? NONE);

  const isRequired = (type: GraphQLObjectType, field: AnyField): boolean => {
    const { before, onObject, onInputs } = ofField(type, field);
    if (before.length > 0 || onObject.length > 0 || onInputs) return true;
    if (sourcesOf(field).some((source) => ofCall(field, source).length > 0)) return true;
    return members(getNamedType(field.type)).some((each) => onObjectsOf(each).length > 0);
  };
  const isGuarded = memo((field: AnyField, type: GraphQLObjectType): boolean => {
    if (isRequired(type, field)) return true;
    const alike = type.getInterfaces().filter((each) => each.getFields()[field.name]);
    return alike.some((each) =>
      schema.getPossibleTypes(each).some((other) => {
        const like = other.getFields()[field.name];
        return like !== undefined && isRequired(other, like);
      }),
    );
  });
  const reach = reaching(
    types,
    (type) => members(type).flatMap((each) => fieldsOf(each).map((field) => getNamedType(field.type))),
    (type) =>
      members(type).some((each) => ofType(each).length > 0 || fieldsOf(each).some((field) => isGuarded(field, each))),
  );
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return {
    isEmpty: !roots.some((root) => root && reach.has(root)),
    ofField,
    ofCall,
    ofSource: (source) => sources.get(source) ?? NONE,
    ofType,
    onObjectsOf,
    ofArgument,
    ofInputField: ({ astNode }) => on(astNode),
    isInputGuarded: (type) => guardedInputs.has(type),
    isGuarded: (type, field) => isAny && !field.name.startsWith('__') && isGuarded(field, type),
    reaches: (type) => reach.has(type),
  };
}

/** The rule, where it is one that looks at an object. */
function objectRule(requirement: Requirement): PolicyRequirement | undefined {
  return requirement.kind === 'policy' && requirement.policy.field !== undefined ? requirement.policy : undefined;
}

/** Sources that resolving the field may call. */
function sourcesOf(field: AnyField): string[] {
  const { source } = callOf({ field }) ?? {};
  const [join] = directivesNamed(field.astNode, 'resolveTo');
  const parts = directivesNamed(field.astNode, 'source').map((args) => args['subgraph']);
  return [source, join?.['sourceName'], ...parts].filter((each) => typeof each === 'string');
}

/** A function that is asked once for each first argument, which decides its answer. */
function memo<Key extends object, Rest extends readonly unknown[], Value>(
  make: (key: Key, ...rest: Rest) => Value,
): (key: Key, ...rest: Rest) => Value {
  const known = new WeakMap<Key, { value: Value }>();
  return (key, ...rest) => {
    let entry = known.get(key);
    if (!entry) {
      entry = { value: make(key, ...rest) };
      known.set(key, entry);
    }
    return entry.value;
  };
}
