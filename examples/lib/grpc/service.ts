import { fileURLToPath } from 'node:url';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

/** A message as plain data: 64-bit integers as text with all digits, enum values by name, bytes as Buffer. */
export type Message = Record<string, unknown>;

/** The methods of a service by their name in the proto, as grpc-js wants them. */
export type MessageService = ServiceDefinition & Record<string, MethodDefinition<Message, Message>>;

/**
 * Reads a proto file and makes the definition of one of its services, for servers and clients alike.
 * Field names become camelCase. Throws when the file or the service is not there.
 *
 * @param file the proto file
 * @param name full name of the service, such as `inventory.v1.Inventory`
 */
export async function loadService(file: URL, name: string): Promise<MessageService> {
  const root = await new protobuf.Root().load(fileURLToPath(file));
  const service = root.lookupService(name);
  const methods = service.methodsArray.map((method) => {
    method.resolve();
    const { resolvedRequestType: request, resolvedResponseType: response } = method;
    if (request === null || response === null) {
      throw new Error(`the types of ${name}/${method.name} are not known`);
    }
    const definition: MethodDefinition<Message, Message> = {
      path: `/${name}/${method.name}`,
      requestStream: method.requestStream === true,
      responseStream: method.responseStream === true,
      ...writer('request', request),
      ...writer('response', response),
    };
    return [method.name, definition];
  });
  return Object.fromEntries(methods);
}

function writer<Side extends 'request' | 'response'>(
  side: Side,
  type: protobuf.Type,
): Record<`${Side}Serialize`, (message: Message) => Buffer> & Record<`${Side}Deserialize`, (bytes: Buffer) => Message> {
  return {
    [`${side}Serialize`]: (message: Message) => Buffer.from(type.encode(type.fromObject(plain(message))).finish()),
    [`${side}Deserialize`]: (bytes: Buffer) =>
      type.toObject(type.decode(bytes), { longs: String, enums: String, bytes: Buffer, defaults: false, arrays: true }),
  } as Record<`${Side}Serialize`, (message: Message) => Buffer> &
    Record<`${Side}Deserialize`, (bytes: Buffer) => Message>;
}

/** The same data with every bigint as text, which protobufjs reads without rounding. */
function plain(value: Message): Message {
  return Object.fromEntries(Object.entries(value).map(([key, property]) => [key, plainValue(property)]));
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return String(value);
  }
  if (Array.isArray(value)) {
    return value.map(plainValue);
  }
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    return plain(value as Message);
  }
  return value;
}
