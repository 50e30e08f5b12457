import protobuf from 'protobufjs';

const RETRY_INFO = /(^|\/)google\.rpc\.RetryInfo$/;

/**
 * How long a failed call asks not to be tried again, in ms: the first google.rpc.RetryInfo of its details
 * (google/rpc/error_details.proto; AIP-194). Undefined where it says nothing, or nothing that can be read.
 *
 * @param details a google.rpc.Status
 */
export function readRetryDelayMs(details: Buffer | undefined): number | undefined {
  if (!details) return undefined;
  try {
    for (const any of messagesOf(details, 3)) {
      const [url] = messagesOf(any, 1);
      const [info] = messagesOf(any, 2);
      if (!url || !info || !RETRY_INFO.test(Buffer.from(url).toString())) continue;
      const [delay] = messagesOf(info, 1);
      const ms = delay ? numberOf(delay, 1) * 1000 + numberOf(delay, 2) / 1e6 : 0;
      return ms > 0 ? Math.ceil(ms) : undefined;
    }
  } catch {
    // What cannot be read asks for nothing.
  }
  return undefined;
}

/** The values of a field whose wire type is length-delimited. */
function messagesOf(message: Uint8Array, field: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === ((field << 3) | 2)) found.push(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return found;
}

/** The last value of a field that is a varint, 0 without one. */
function numberOf(message: Uint8Array, field: number): number {
  let found = 0;
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === field << 3) found = Number(reader.int64());
    else reader.skipType(tag & 7);
  }
  return found;
}
