/** Messages of google/protobuf/descriptor.proto as protobufjs decodes them, as far as they are read. */

export type Features = Readonly<Record<string, unknown>>;
export type Options = { deprecated?: boolean; features?: Features | null };
export type EnumDescriptor = {
  name: string;
  value: { name: string; number: number; options?: Options | null }[];
  options?: (Options & { allowAlias?: boolean }) | null;
};
export type FieldDescriptor = {
  name: string;
  number: number;
  label: number;
  type: number;
  typeName: string;
  extendee: string;
  defaultValue: string;
  oneofIndex: number;
  proto3Optional: boolean;
  options?: (Options & { packed?: boolean }) | null;
};
export type MessageDescriptor = {
  name: string;
  field: FieldDescriptor[];
  extension: FieldDescriptor[];
  nestedType: MessageDescriptor[];
  enumType: EnumDescriptor[];
  oneofDecl: { name: string }[];
  options?: (Options & { mapEntry?: boolean }) | null;
};
export type HttpRule = Readonly<Record<string, unknown>> & { additionalBindings?: HttpRule[] };
export type MethodDescriptor = {
  name: string;
  inputType: string;
  outputType: string;
  clientStreaming: boolean;
  serverStreaming: boolean;
  options?: (Options & { idempotencyLevel?: number; http?: HttpRule | null }) | null;
};
/** A decoded FileDescriptorProto, as far as it is read. */
export type FileDescriptor = {
  name: string;
  package: string;
  dependency: string[];
  messageType: MessageDescriptor[];
  enumType: EnumDescriptor[];
  extension: FieldDescriptor[];
  service: { name: string; method: MethodDescriptor[]; options?: Options | null }[];
  syntax: string;
  edition: number;
  options?: Options | null;
  sourceCodeInfo?: { location: { path: number[]; leadingComments: string; trailingComments: string }[] } | null;
};
