import { bytesOf, numberOf } from './fields.ts';

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
    for (const any of bytesOf(details, 3)) {
      const [url] = bytesOf(any, 1);
      const [info] = bytesOf(any, 2);
      if (!url || !info || !RETRY_INFO.test(Buffer.from(url).toString())) continue;
      const [delay] = bytesOf(info, 1);
      const ms = delay ? numberOf(delay, 1) * 1000 + numberOf(delay, 2) / 1e6 : 0;
      return ms > 0 ? Math.ceil(ms) : undefined;
    }
  } catch {
    // What cannot be read asks for nothing.
  }
  return undefined;
}
