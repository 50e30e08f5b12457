/** google.rpc.Status as bytes, field by field: nothing of what is tested takes part. */
import protobuf from 'protobufjs';

function field(number: number, wire: number): Buffer {
  return Buffer.from([(number << 3) | wire]);
}

function bytes(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([field(number, 2), protobuf.Writer.create().bytes(content).finish()]);
}

export function text(number: number, content: string): Buffer {
  return bytes(number, Buffer.from(content));
}

export function message(number: number, ...fields: Buffer[]): Buffer {
  return bytes(number, Buffer.concat(fields));
}

export function varint(number: number, value: number): Buffer {
  return Buffer.concat([field(number, 0), Buffer.from([value])]);
}

export function any(name: string, fields: Buffer[]): Buffer {
  return message(3, text(1, `type.googleapis.com/google.rpc.${name}`), message(2, ...fields));
}

export function statusOf(said: string, all: readonly Buffer[]): Buffer {
  return Buffer.concat([varint(1, 3), text(2, said), ...all]);
}
