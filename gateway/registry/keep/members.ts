/** What a type keeps of its older self: fields, arguments, values. */
import {
  type ConstDirectiveNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type TypeNode,
} from 'graphql';
import { namedTypeOf, nullable } from '../../lib/ast.ts';
import { isRecord } from '../../lib/json.ts';
import { directiveNode, directivesNamed } from '../../lib/sdl.ts';

export type KeepRules = {
  /** Whether a type stands in the new text, or can come back, as what it was. */
  fits: (type: string) => boolean;
  /** Names on the wire that mean nothing any more. */
  lost: ReadonlySet<string>;
  /** Whether a value may be missing in answers although the contract once promised it. */
  mayBeMissing: boolean;
  /** Why it is deprecated. */
  reason: string;
};

type Member = FieldDefinitionNode | InputValueDefinitionNode | EnumValueDefinitionNode;
type Fields = readonly FieldDefinitionNode[] | undefined;
type Inputs = readonly InputValueDefinitionNode[] | undefined;
type Values = readonly EnumValueDefinitionNode[] | undefined;

/** Fields of the older that the newer lacks, as they are kept; those of root types keep their promise, since they are calls. */
export function keptFields(older: Fields, newer: Fields, rules: KeepRules): FieldDefinitionNode[] {
  return missing(older, newer).flatMap((field) => {
    const args = (field.arguments ?? []).filter(({ type }) => rules.fits(namedTypeOf(type).name.value));
    const asks = (field.arguments ?? []).some((arg) => !isOptional(arg) && !args.includes(arg));
    if (asks || !rules.fits(namedTypeOf(field.type).name.value) || isLost(field, rules)) return [];
    const type: TypeNode = rules.mayBeMissing ? nullable(field.type) : field.type;
    return [{ ...deprecate(field, rules), type, arguments: args }];
  });
}

/** The newer field with the optional arguments that it took before, where the wire has a place for them. */
export function withArguments(
  older: FieldDefinitionNode,
  newer: FieldDefinitionNode,
  rules: KeepRules,
): FieldDefinitionNode {
  const kept = keptInputs(older.arguments, newer.arguments, rules).flatMap((arg) => {
    const place = placeOf(older, arg.name.value);
    return place ? [{ arg, place }] : [];
  });
  if (kept.length === 0) return newer;
  const directives = newer.directives?.map((directive) => kept.reduce((made, { place }) => place(made), directive));
  return {
    ...newer,
    ...(directives ? { directives } : {}),
    arguments: [...(newer.arguments ?? []), ...kept.map(({ arg }) => arg)],
  };
}

/** Input fields or arguments of the older that the newer lacks: only those that nobody had to give. */
export function keptInputs(older: Inputs, newer: Inputs, rules: KeepRules): InputValueDefinitionNode[] {
  return missing(older, newer)
    .filter((field) => isOptional(field) && rules.fits(namedTypeOf(field.type).name.value) && !isLost(field, rules))
    .map((field) => deprecate({ ...field, type: nullable(field.type) }, rules));
}

/** Values of the older enum, where nothing of the newer one stands for the same on the wire. */
export function keptValues(older: Values, newer: Values, rules: KeepRules): EnumValueDefinitionNode[] {
  const taken = new Set((newer ?? []).map(wireValue));
  return missing(older, newer)
    .filter((value) => !rules.lost.has(value.name.value) && !taken.has(wireValue(value)))
    .map((value) => deprecate(value, rules));
}

/** As JSON text. */
function wireValue(value: EnumValueDefinitionNode): string {
  const [mapping] = directivesNamed(value, 'enum');
  return typeof mapping?.['value'] === 'string' ? mapping['value'] : JSON.stringify(value.name.value);
}

/** How the call takes an argument on the wire, said in the newer field's directive; undefined where it cannot any more. */
function placeOf(
  older: FieldDefinitionNode,
  arg: string,
): ((newer: ConstDirectiveNode) => ConstDirectiveNode) | undefined {
  const [http] = directivesNamed(older, 'httpOperation');
  // The one argument of a gRPC method is its request, which the descriptors have.
  if (!http) return directivesNamed(older, 'grpcMethod').length > 0 ? (directive) => directive : undefined;
  const params = listOf(http['params']);
  const param = params.find((each) => isRecord(each) && each['arg'] === arg);
  if (isRecord(param))
    return param['in'] === 'path'
      ? undefined
      : (directive) => extend(directive, (own) => ({ params: [...listOf(own['params']), param] }));
  const { body } = http;
  if (!isRecord(body) || body['arg'] !== arg) return undefined;
  return (directive) => extend(directive, (own) => ({ body: own['body'] ?? body }));
}

function extend(
  directive: ConstDirectiveNode,
  more: (own: Record<string, unknown>) => Record<string, unknown>,
): ConstDirectiveNode {
  if (directive.name.value !== 'httpOperation') return directive;
  const [own = {}] = directivesNamed({ directives: [directive] }, 'httpOperation');
  return directiveNode('httpOperation', { ...own, ...more(own) });
}

function missing<Each extends Member>(older: readonly Each[] | undefined, newer: readonly Each[] | undefined): Each[] {
  const there = new Set((newer ?? []).map(({ name }) => name.value));
  return (older ?? []).filter(({ name }) => !there.has(name.value));
}

/** Whether it need not be given. What has to be cannot be deprecated either (GraphQL spec, 3.13.3). */
function isOptional({ type, defaultValue }: InputValueDefinitionNode): boolean {
  return type.kind !== Kind.NON_NULL_TYPE || defaultValue !== undefined;
}

function isLost(member: FieldDefinitionNode | InputValueDefinitionNode, { lost }: KeepRules): boolean {
  const [wire] = directivesNamed(member, 'resolveRootField');
  return lost.has(typeof wire?.['field'] === 'string' ? wire['field'] : member.name.value);
}

/** What the contract had deprecated itself keeps its words. */
function deprecate<Each extends Member>(member: Each, { reason }: KeepRules): Each {
  if (directivesNamed(member, 'deprecated').length > 0) return member;
  return { ...member, directives: [...(member.directives ?? []), directiveNode('deprecated', { reason })] };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
