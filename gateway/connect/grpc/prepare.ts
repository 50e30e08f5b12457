import protobuf from 'protobufjs';
import { GatewayError } from '../../errors.ts';
import { sha256 } from '../../lib/hash.ts';
import type { ConnectorOperation, ConnectorOptions } from '../connector.ts';
import { wireArguments } from '../input.ts';
import { Upload } from '../upload.ts';
import { createFillMask } from './mask.ts';
import { createReader } from './reader.ts';
import { isFieldless } from './shape.ts';
import { StrictReader } from './strict-reader.ts';
import { createWriter, falseRefused } from './writer.ts';

/** A method made ready once: its path and how its messages become bytes and back. */
export type PreparedMethod = {
  /** `/inventory.v1.Inventory/GetStock`. */
  path: string;
  /** Another text whenever messages may be read or written in another way. */
  form: string;
  requestStream: boolean;
  responseStream: boolean;
  /** The messages to send: one, or where requests are a stream as many as the list has. Throws GatewayError BAD_REQUEST when the arguments make none. */
  encode(args: Readonly<Record<string, unknown>>, mask?: readonly string[]): Buffer[];
  /** Whether `mask`, what of the answer is asked for, shapes the request. */
  takesMask: boolean;
  /** Throws what the decoder throws when the bytes are no such message. */
  decode(bytes: Buffer): unknown;
};

/** The argument that carries the request message, or the list of them. */
const INPUT = 'input';

/** Descriptors, and the hash of the text they were read from. */
export type DescriptorRoot = { root: protobuf.Root; hash: string };

/** Reads the descriptors of a source by their name. Throws GatewayError SOURCE_UNAVAILABLE when one is no descriptor. */
export function readRoots(roots: ConnectorOptions['roots'], source: string): ReadonlyMap<string, DescriptorRoot> {
  return new Map(
    roots.map(({ name, rootJson }) => {
      try {
        // Resolves every name, too.
        const root = protobuf.Root.fromJSON(JSON.parse(rootJson) as protobuf.INamespace);
        return [name, { root, hash: sha256([rootJson]) }];
      } catch (cause) {
        const message = `The descriptors ${JSON.stringify(name)} cannot be read: import the contract again.`;
        throw unusable(source, message, cause);
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
  roots: ReadonlyMap<string, DescriptorRoot>,
  source: string,
): PreparedMethod {
  const { wire, field } = operation;
  const service = String(wire['objPath']).replace(/^\./, '');
  const requestStream = wire['requestStream'] === true;
  const responseStream = wire['responseStream'] === true;
  const descriptors = roots.get(String(wire['rootJsonName']));
  const method = findMethod(descriptors?.root, service, String(wire['methodName']));
  const { resolvedRequestType: request, resolvedResponseType: response } = method ?? {};
  const same =
    (method?.requestStream === true) === requestStream && (method?.responseStream === true) === responseStream;
  if (!method || !request || !response || !same) {
    const name = `${service}/${String(wire['methodName'])}`;
    throw unusable(source, `The descriptors have no method ${name} of this kind: import the contract again.`);
  }
  const argument = wireArguments(field, source, ({ name }) => (name === 'Bytes' ? refuseFile : undefined)).get(INPUT);
  const write = createWriter(request);
  const read = createReader(response);
  const isVoid = isFieldless(response);
  // Only where requests are a stream does a message without fields have an argument.
  const isFlag = isFieldless(request);
  const fillMask = operation.kind === 'query' && !requestStream ? createFillMask(request, response) : undefined;

  return {
    path: `/${service}/${method.name}`,
    form: descriptors?.hash ?? '',
    requestStream,
    responseStream,
    takesMask: fillMask !== undefined,
    encode: (args, mask) => {
      try {
        const given = argument?.map(args[argument.name]);
        const inputs = requestStream && argument ? (given as unknown[]) : [given];
        if (isFlag && inputs.includes(false)) throw falseRefused(`an item of ${INPUT}`, 'leave the item out');
        return inputs.map((input) => {
          const written = input === undefined || input === null ? Object.create(null) : write(input);
          const plain = mask && fillMask ? fillMask(written as Record<string, unknown>, mask) : written;
          return request.encode(request.fromObject(plain as Record<string, unknown>)).finish() as Buffer;
        });
      } catch (cause) {
        const general = `The arguments of ${field.name} do not make a valid message: check enums, bytes, times, JSON and nesting.`;
        const message = cause instanceof GatewayError ? cause.message : general;
        throw new GatewayError('BAD_REQUEST', { source, message, cause });
      }
    },
    decode: (bytes) => {
      const message = response.decode(new StrictReader(bytes));
      return isVoid ? null : read(message);
    },
  };
}

/** A message is sent as a whole. */
function refuseFile(value: unknown): unknown {
  return value instanceof Upload ? value.toJSON() : value;
}

function findMethod(root: protobuf.Root | undefined, service: string, name: string): protobuf.Method | undefined {
  const found = root?.lookup(`.${service}`, [protobuf.Service]);
  if (!(found instanceof protobuf.Service) || !Object.hasOwn(found.methods, name)) return undefined;
  return found.methods[name]?.resolve() as protobuf.Method | undefined;
}

function unusable(source: string, message: string, cause?: unknown): GatewayError {
  return new GatewayError('SOURCE_UNAVAILABLE', { source, message, cause });
}
