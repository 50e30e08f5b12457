/** Fields of messages whose descriptors nobody needs: read off the wire by their numbers (protobuf.dev, "Encoding"). */
import protobuf from 'protobufjs';

/** The values of a field whose wire type is length-delimited. @throws RangeError when the message is cut off */
export function bytesOf(message: Uint8Array, field: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === ((field << 3) | 2)) found.push(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return found;
}

/** The last value of a field that is a varint, 0 without one. @throws RangeError when the message is cut off */
export function numberOf(message: Uint8Array, field: number): number {
  let found = 0;
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === field << 3) found = Number(reader.int64());
    else reader.skipType(tag & 7);
  }
  return found;
}
