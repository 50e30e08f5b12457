import protobuf from 'protobufjs';
import { allTypes, type GrpcContract, reachable } from './contract.ts';

type Kept = ReadonlySet<protobuf.ReflectionObject>;

/** Options that change how bytes are read or what absence means; all others are for people and code generators. */
const READ = ['default', 'packed', 'proto3_optional', 'features'];
/** What protobufjs keeps on its objects without declaring it. */
type Internals = protobuf.ReflectionObject & { readonly group?: unknown; readonly _edition?: string | null };

const ANY = '.google.protobuf.Any';

/**
 * The descriptors a connector needs, as the JSON of protobufjs: methods that are served and what they can send and receive, without
 * comments. Where a message may hold `google.protobuf.Any`, all messages stay. The same contract gives the same text.
 */
export function slimDescriptors(contract: GrpcContract): string {
  const { root, methods } = contract;
  const needed = reachable(methods);
  const holdsAny = [...needed].some(({ fullName }) => fullName === ANY);
  const served = methods.filter(({ reason }) => reason === undefined).map(({ method }) => method);
  const kept = new Set<protobuf.ReflectionObject>([...needed, ...(holdsAny ? allTypes(root) : []), ...served]);
  return JSON.stringify(namespaceJson(root, kept) ?? {});
}

function namespaceJson(space: protobuf.NamespaceBase, kept: Kept): protobuf.INamespace | undefined {
  const nested = space.nestedArray
    .map((object) => [object.name, objectJson(object, kept)] as const)
    .filter((entry): entry is [string, protobuf.AnyNestedObject] => entry[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return nested.length > 0 ? { nested: Object.fromEntries(nested) } : undefined;
}

function objectJson(object: protobuf.ReflectionObject, kept: Kept): protobuf.AnyNestedObject | undefined {
  if (object instanceof protobuf.Type) return typeJson(object, kept);
  if (object instanceof protobuf.Enum)
    return kept.has(object) ? { ...editionOf(object), values: { ...object.values } } : undefined;
  if (object instanceof protobuf.Service) return serviceJson(object, kept);
  if (object instanceof protobuf.Field) return extensionJson(object, kept);
  return object instanceof protobuf.Namespace ? namespaceJson(object, kept) : undefined;
}

function typeJson(type: protobuf.Type, kept: Kept): protobuf.AnyNestedObject | undefined {
  const inner = namespaceJson(type, kept);
  if (!kept.has(type)) return inner;
  const fields = type.fieldsArray
    .filter(({ declaringField }) => !declaringField)
    .map((field) => [field.name, fieldJson(field)] as const);
  const oneofs = type.oneofsArray.map(({ name, oneof }) => [name, { oneof }] as const);
  return {
    ...editionOf(type),
    ...optionsOf(type.options),
    ...(oneofs.length > 0 ? { oneofs: Object.fromEntries(oneofs) } : {}),
    fields: Object.fromEntries(fields),
    ...inner,
    ...((type as Internals).group === true ? { group: true } : {}),
  };
}

function serviceJson(service: protobuf.Service, kept: Kept): protobuf.IService | undefined {
  const methods = service.methodsArray
    .filter((method) => kept.has(method))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((method): [string, protobuf.IMethod] => [
      method.name,
      {
        // What the declaration asks for, though nobody reads it.
        comment: undefined as unknown as string,
        requestType: method.resolvedRequestType?.fullName ?? '',
        responseType: method.resolvedResponseType?.fullName ?? '',
        ...(method.requestStream ? { requestStream: true } : {}),
        ...(method.responseStream ? { responseStream: true } : {}),
      },
    ]);
  return methods.length > 0 ? { methods: Object.fromEntries(methods) } : undefined;
}

function extensionJson(field: protobuf.Field, kept: Kept): protobuf.AnyNestedObject | undefined {
  const extended = field.extensionField?.parent;
  if (!extended || !kept.has(extended)) return undefined;
  return { ...editionOf(field), ...fieldJson(field), extend: extended.fullName };
}

/** Types by their full name: which scope they were written in is not kept. */
function fieldJson(field: protobuf.Field): protobuf.IField {
  const { rule } = field.toJSON();
  return {
    ...(field instanceof protobuf.MapField ? { keyType: field.keyType } : {}),
    ...(rule ? { rule } : {}),
    type: field.resolvedType?.fullName ?? field.type,
    id: field.id,
    ...optionsOf(field.options),
  };
}

function optionsOf(options: Readonly<Record<string, unknown>> | undefined): { options?: Record<string, unknown> } {
  const kept = Object.entries(options ?? {}).filter(([name]) => READ.includes(name));
  return kept.length > 0 ? { options: Object.fromEntries(kept) } : {};
}

/** Syntax or edition, where it is not the one that protobufjs takes by default. */
function editionOf(object: protobuf.ReflectionObject): { edition?: string } {
  const { _edition: edition } = object as Internals;
  return !edition || edition === 'proto3' ? {} : { edition };
}
