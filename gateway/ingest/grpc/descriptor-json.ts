/** One FileDescriptorProto as the JSON protobufjs builds its objects from. */
import type protobuf from 'protobufjs';
import { GatewayError } from '../../errors.ts';
import type {
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  Options,
} from './descriptor-types.ts';
import { HYPHEN, MAX_FIELDS, PROTO } from './proto-text.ts';

type Json = Record<string, protobuf.AnyNestedObject>;
/** What stands at the top of a file: its edition and features hold below. */
type Top = { edition?: string; features: Record<string, string> };
type Comments = (path: readonly number[]) => { comment?: string };
/** Enums and those of their values that are deprecated. */
type Deprecations = Map<string, string[]>;

const TYPES = [
  ...['', 'double', 'float', 'int64', 'uint64', 'int32', 'fixed64', 'fixed32', 'bool', 'string', 'group', 'message'],
  ...['bytes', 'uint32', 'enum', 'sfixed32', 'sfixed64', 'sint32', 'sint64'],
];
const GROUP = 10;
const IDEMPOTENCY = ['', 'NO_SIDE_EFFECTS', 'IDEMPOTENT'];
const VERBS = ['get', 'put', 'post', 'delete', 'patch'];
const NAME = /^[A-Za-z_]\w*$/;
const PACKAGE = /^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/;
const REFERENCE = /^\.?[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/;
/** Features of editions as descriptor.proto numbers them (protobuf.dev/editions/features). */
const FEATURES: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  fieldPresence: ['field_presence', ['', 'EXPLICIT', 'IMPLICIT', 'LEGACY_REQUIRED']],
  enumType: ['enum_type', ['', 'OPEN', 'CLOSED']],
  repeatedFieldEncoding: ['repeated_field_encoding', ['', 'PACKED', 'EXPANDED']],
  messageEncoding: ['message_encoding', ['', 'LENGTH_PREFIXED', 'DELIMITED']],
};

/** The nested objects of the file's package, from the root down. Throws GatewayError BAD_REQUEST for names that are none. */
export function namespaceOf(file: FileDescriptor): { json: Json; deprecations: Deprecations } {
  const top: Top = { edition: editionOf(file), features: featuresOf(file.options) };
  const comments = commentsOf(file);
  const deprecations: Deprecations = new Map();
  const scope = file.package === '' ? '' : `${checked(file.package, PACKAGE)}.`;
  const json: Json = {};
  file.messageType.forEach((message, index) => {
    json[own(message.name)] = messageJson(message, top, comments, [4, index], scope, deprecations);
  });
  file.enumType.forEach((type, index) => {
    json[own(type.name)] = enumJson(type, top, comments, [5, index], scope, deprecations);
  });
  file.service.forEach((service, index) => {
    const methods = service.method.map((method, at): [string, protobuf.IMethod] => [
      checked(method.name, NAME),
      { ...methodJson(method), ...comments([6, index, 2, at]) },
    ]);
    json[own(service.name)] = {
      methods: Object.fromEntries(methods),
      ...(service.options?.deprecated ? { options: { deprecated: true } } : {}),
      ...comments([6, index]),
    };
  });
  for (const field of file.extension) json[own(field.name)] = fieldJson(field, top);
  const parts = file.package === '' ? [] : file.package.split('.');
  return { json: parts.reduceRight<Json>((nested, name) => ({ [name]: { nested } }), json), deprecations };
}

function messageJson(
  message: MessageDescriptor,
  top: Top,
  comments: Comments,
  path: readonly number[],
  scope: string,
  deprecations: Deprecations,
): protobuf.IType {
  const name = own(message.name);
  if (message.field.length > MAX_FIELDS) throw refused(`${name} has more than ${MAX_FIELDS} fields`);
  const entries = new Map(message.nestedType.filter((type) => type.options?.mapEntry).map((type) => [type.name, type]));
  const groups = new Set(
    message.field.filter(({ type }) => type === GROUP).map(({ typeName }) => typeName.split('.').at(-1)),
  );
  const fields = message.field.map((field, index): [string, protobuf.IField] => {
    const entry = field.typeName.endsWith(`${message.name}.${field.typeName.split('.').at(-1)}`)
      ? entries.get(field.typeName.split('.').at(-1) ?? '')
      : undefined;
    const json = entry ? mapJson(field, entry, top) : fieldJson(field, top);
    return [own(field.name), { ...json, ...comments([...path, 2, index]) }];
  });
  const oneofs = message.oneofDecl.map((oneof, index): [string, protobuf.IOneOf] => {
    const members = message.field.filter((field) => Object.hasOwn(field, 'oneofIndex') && field.oneofIndex === index);
    return [own(oneof.name), { oneof: members.map((field) => own(field.name)), ...comments([...path, 8, index]) }];
  });
  const nested: Json = {};
  message.nestedType.forEach((type, index) => {
    if (type.options?.mapEntry) return;
    const json = messageJson(type, { features: {} }, comments, [...path, 3, index], `${scope}${name}.`, deprecations);
    nested[own(type.name)] = groups.has(type.name) ? { ...json, group: true } : json;
  });
  message.enumType.forEach((type, index) => {
    nested[own(type.name)] = enumJson(
      type,
      { features: {} },
      comments,
      [...path, 4, index],
      `${scope}${name}.`,
      deprecations,
    );
  });
  for (const field of message.extension) nested[own(field.name)] = fieldJson(field, top);
  return {
    ...marks(top, message.options),
    fields: Object.fromEntries(fields),
    ...(oneofs.length > 0 ? { oneofs: Object.fromEntries(oneofs) } : {}),
    nested,
    ...comments(path),
  };
}

function enumJson(
  type: EnumDescriptor,
  top: Top,
  comments: Comments,
  path: readonly number[],
  scope: string,
  deprecations: Deprecations,
): protobuf.IEnum {
  const deprecated = type.value.filter(({ options }) => options?.deprecated).map(({ name }) => own(name));
  if (deprecated.length > 0) deprecations.set(`${scope}${own(type.name)}`, deprecated);
  const texts = type.value.map(
    ({ name }, index) => [own(name), comments([...path, 2, index]).comment ?? null] as const,
  );
  const values = Object.fromEntries(type.value.map(({ name, number }) => [own(name), number]));
  return {
    ...marks(top, type.options),
    values,
    comments: Object.fromEntries(texts),
    ...comments(path),
  } as protobuf.IEnum;
}

function fieldJson(field: FieldDescriptor, top: Top): protobuf.IField {
  const options: Record<string, unknown> = {};
  if (field.options?.deprecated) options['deprecated'] = true;
  if (field.options?.packed !== undefined && Object.hasOwn(field.options, 'packed'))
    options['packed'] = field.options.packed;
  if (field.proto3Optional) options['proto3_optional'] = true;
  if (field.defaultValue !== '') options['default'] = defaultOf(field);
  const features = { ...(field.extendee === '' ? {} : top.features), ...featuresOf(field.options) };
  if (Object.keys(features).length > 0) options['features'] = features;
  const rule = field.label === 3 ? 'repeated' : field.label === 2 ? 'required' : undefined;
  return {
    ...(rule ? { rule } : {}),
    type: field.typeName === '' ? (TYPES[field.type] ?? '') : reference(field.typeName),
    id: field.number,
    ...(field.extendee === ''
      ? {}
      : { extend: reference(field.extendee), ...(top.edition ? { edition: top.edition } : {}) }),
    ...(Object.keys(options).length > 0 ? { options } : {}),
  };
}

function mapJson(field: FieldDescriptor, entry: MessageDescriptor, top: Top): protobuf.IMapField {
  const [key, value] = [1, 2].map((number) => entry.field.find((each) => each.number === number));
  if (!key || !value) throw refused(`the map ${field.name} has no key and value`);
  const { type } = fieldJson(value, top);
  return {
    keyType: TYPES[key.type] ?? '',
    type,
    id: field.number,
    ...(field.options?.deprecated ? { options: { deprecated: true } } : {}),
  };
}

function methodJson({ inputType, outputType, options, ...method }: MethodDescriptor): protobuf.IMethod {
  const bound = options?.http ? [options.http, ...(options.http.additionalBindings ?? [])] : [];
  const verbs = bound.flatMap((rule) => VERBS.filter((verb) => Object.hasOwn(rule, verb)));
  const level = IDEMPOTENCY[options?.idempotencyLevel ?? 0];
  return {
    requestType: reference(inputType),
    responseType: reference(outputType),
    ...(method.clientStreaming ? { requestStream: true } : {}),
    ...(method.serverStreaming ? { responseStream: true } : {}),
    options: {
      ...(options?.deprecated ? { deprecated: true } : {}),
      ...(level ? { idempotency_level: level } : {}),
      ...(options?.http ? { http_verbs: verbs.join(' ') } : {}),
    },
  } as protobuf.IMethod;
}

function marks(top: Top, options: Options | null | undefined): { edition?: string; options?: Record<string, unknown> } {
  const features = { ...top.features, ...featuresOf(options) };
  return {
    ...(top.edition === undefined ? {} : { edition: top.edition }),
    ...(Object.keys(features).length > 0 ? { options: { features } } : {}),
  };
}

/** What editions after 2023 changed does not concern messages. */
function editionOf({ syntax, edition }: FileDescriptor): string {
  if (syntax === 'editions' || edition >= 1000) return '2023';
  return syntax === 'proto3' ? 'proto3' : 'proto2';
}

function featuresOf(options: Options | null | undefined): Record<string, string> {
  const entries = Object.entries(options?.features ?? {}).flatMap(([name, value]) => {
    const [key, values] = FEATURES[name] ?? [];
    const text = values?.[Number(value)];
    return key && text ? [[key, text] as const] : [];
  });
  return Object.fromEntries(entries);
}

function defaultOf({ type, defaultValue }: FieldDescriptor): unknown {
  const name = TYPES[type] ?? '';
  if (name === 'bool') return defaultValue === 'true';
  if (['string', 'bytes', 'enum'].includes(name)) return defaultValue;
  return Number(defaultValue.replace('inf', 'Infinity'));
}

function commentsOf({ sourceCodeInfo }: FileDescriptor): Comments {
  const texts = new Map(
    (sourceCodeInfo?.location ?? []).map(({ path, leadingComments, trailingComments }) => [
      path.join(),
      (leadingComments || trailingComments).replace(/^ | +$/gm, '').trim(),
    ]),
  );
  return (path) => {
    const comment = texts.get(path.join());
    return comment ? { comment } : {};
  };
}

function own(name: string): string {
  return name === '__proto__' ? PROTO : checked(name, NAME);
}

function reference(name: string): string {
  return checked(name, REFERENCE).replaceAll('__proto__', PROTO);
}

function checked(name: string, pattern: RegExp): string {
  if (name.length > 1024 || !pattern.test(name) || name.includes(HYPHEN))
    throw refused(`${JSON.stringify(name.slice(0, 80))} is no name`);
  return name;
}

function refused(what: string): GatewayError {
  return new GatewayError('BAD_REQUEST', { message: `The descriptor set cannot be used: ${what}.` });
}
