/** Errors as google.rpc.Status describes them (google/rpc/status.proto, google/rpc/error_details.proto; AIP-193). */
import protobuf from 'protobufjs';
import { isRecord } from '../../lib/json.ts';
import { boundProblem, hiddenTexts, type Problem } from '../problem.ts';
import { conversionOf } from './any.ts';
import { addressesOf } from './endpoint.ts';
import type { GrpcFailure } from './outcome.ts';
import { StrictReader } from './strict-reader.ts';

/** Those details that are meant for clients: DebugInfo, for one, is not. */
const PROTO = `
syntax = "proto3";
package google.rpc;
message Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }
message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
message RetryInfo { google.protobuf.Duration retry_delay = 1; }
message BadRequest {
  message FieldViolation { string field = 1; string description = 2; string reason = 3; LocalizedMessage localized_message = 4; }
  repeated FieldViolation field_violations = 1;
}
message QuotaFailure {
  message Violation { string subject = 1; string description = 2; }
  repeated Violation violations = 1;
}
message PreconditionFailure {
  message Violation { string type = 1; string subject = 2; string description = 3; }
  repeated Violation violations = 1;
}
message LocalizedMessage { string locale = 1; string message = 2; }
message Help {
  message Link { string description = 1; string url = 2; }
  repeated Link links = 1;
}
`;
const SHOWN =
  /(^|\/)google\.rpc\.(ErrorInfo|RetryInfo|BadRequest|QuotaFailure|PreconditionFailure|LocalizedMessage|Help)$/;
const MAX_DETAILS = 20;

/** The details of a failure as ProtoJSON, fit to be shown; undefined where there are none. `sent` is the metadata of its call. */
export type ReadDetails = (failure: GrpcFailure, sent: ReadonlyMap<string, string>) => Problem | undefined;

/**
 * Prepares the reader of what a policy lets clients see.
 *
 * @param target the address, as grpc-js was given it
 */
export function createDetailsReader(target: string): ReadDetails {
  const addresses = addressesOf(target);
  const { root } = protobuf.parse(PROTO, { keepCase: true });
  for (const file of ['any', 'duration'])
    root.addJSON(protobuf.common.get(`google/protobuf/${file}.proto`)?.nested ?? {});
  root.resolveAll();
  const status = root.lookupType('google.rpc.Status');
  const readAny = conversionOf(root.lookupType('google.protobuf.Any'))?.read;
  return ({ details: bytes }, sent) => {
    if (!bytes) return undefined;
    try {
      const { code, message, details } = status.decode(new StrictReader(bytes)) as unknown as {
        code: number;
        message: string;
        details: { type_url: string }[];
      };
      const known = details.filter(({ type_url: url }) => SHOWN.test(url)).slice(0, MAX_DETAILS);
      // One that cannot be read comes back as bytes.
      const shown = known.map((each) => readAny?.(each)).filter((each) => isRecord(each) && !('value' in each));
      const hidden = addresses.flatMap((address) => hiddenTexts(address, sent));
      return boundProblem({ code, message, details: shown }, hidden);
    } catch {
      return undefined;
    }
  };
}
