import protobuf from 'protobufjs';
import { GatewayError } from '../../errors.ts';
import type { ConnectorOperation, ConnectorOptions } from '../connector.ts';
import { wireArguments } from '../input.ts';
import { createReader, createWriter } from './convert.ts';

/** A method made ready once: its path and how its messages become bytes and back. */
export type PreparedMethod = {
  /** `/inventory.v1.Inventory/GetStock`. */
  path: string;
  /** Throws GatewayError BAD_REQUEST when the arguments make no message. */
  encode(args: Readonly<Record<string, unknown>>): Buffer;
  /** Throws what the decoder throws when the bytes are no such message. */
  decode(bytes: Buffer): unknown;
};

/** The argument that carries the request message. */
const INPUT = 'input';

/** Messages as the schema reads them: exact integers and bytes as text, enums by name, proto3 defaults filled in. */
const SHAPE: protobuf.IConversionOptions = {
  longs: String,
  bytes: String,
  enums: String,
  defaults: true,
  arrays: true,
  objects: true,
  oneofs: true,
};

/** Reads the descriptors of a source: name → root. Throws GatewayError SOURCE_UNAVAILABLE when one is no descriptor. */
export function readRoots(roots: ConnectorOptions['roots'], source: string): ReadonlyMap<string, protobuf.Root> {
  return new Map(
    roots.map(({ name, rootJson }) => {
      try {
        const root = protobuf.Root.fromJSON(JSON.parse(rootJson) as protobuf.INamespace);
        root.resolveAll();
        return [name, root];
      } catch (cause) {
        throw unusable(
          source,
          `The descriptors ${JSON.stringify(name)} cannot be read: import the contract again.`,
          cause,
        );
      }
    }),
  );
}

/**
 * Finds the method of `@grpcMethod` in the descriptors. Names are looked up there and nowhere else, so that a method may be called
 * `Close` or `constructor`.
 * @throws GatewayError SOURCE_UNAVAILABLE when the descriptors do not have it
 */
export function prepareMethod(
  operation: ConnectorOperation,
  roots: ReadonlyMap<string, protobuf.Root>,
  source: string,
): PreparedMethod {
  const { wire, field } = operation;
  const service = String(wire['objPath']).replace(/^\./, '');
  const method = findMethod(roots.get(String(wire['rootJsonName'])), service, String(wire['methodName']));
  const { resolvedRequestType: request, resolvedResponseType: response } = method ?? {};
  if (!method || !request || !response || method.requestStream || method.responseStream) {
    const name = `${service}/${String(wire['methodName'])}`;
    throw unusable(source, `The descriptors have no unary method ${name}: import the contract again.`);
  }
  const argument = wireArguments(field, source).get(INPUT);
  const write = createWriter(request);
  const read = createReader(response, field.type, source);
  const isEmpty = response.fieldsArray.length === 0;

  return {
    path: `/${service}/${method.name}`,
    encode: (args) => {
      const input = argument?.map(args[argument.name]) ?? {};
      try {
        const message = request.fromObject((write ? write(input) : input) as Record<string, unknown>);
        return request.encode(message).finish() as Buffer;
      } catch (cause) {
        const message = `The arguments of ${field.name} do not make a valid message: check bytes, times and nesting.`;
        throw new GatewayError('BAD_REQUEST', { source, message, cause });
      }
    },
    decode: (bytes) => {
      const message = response.decode(bytes);
      if (isEmpty) return null;
      const plain = response.toObject(message, SHAPE);
      return read ? read(plain) : plain;
    },
  };
}

function findMethod(root: protobuf.Root | undefined, service: string, name: string): protobuf.Method | undefined {
  const found = root?.lookup(service, [protobuf.Service]);
  if (!(found instanceof protobuf.Service) || !Object.hasOwn(found.methods, name)) return undefined;
  const method = found.methods[name];
  method?.resolve();
  return method;
}

function unusable(source: string, message: string, cause?: unknown): GatewayError {
  return new GatewayError('SOURCE_UNAVAILABLE', { source, message, cause });
}
