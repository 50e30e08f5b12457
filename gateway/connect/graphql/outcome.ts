/** What a GraphQL upstream answered: data with its errors in their places, or one of our codes. */
import { GatewayError } from '../../errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { describeAnswer, type HttpAnswer, type HttpTarget, payloadFault, statusFault } from '../rest/outcome.ts';

type UpstreamError = { path: readonly (string | number)[]; error: unknown };

/** Errors beyond this number say nothing new. */
const MAX_ERRORS = 1000;

/**
 * The value of the root field. Each error of the upstream stands at its path as a GatewayError, where the executor makes it a
 * field's error; when null has moved up from there, it stands where null came to rest.
 *
 * @param field key of the root field in the answer
 * @throws GatewayError by status when the answer is no GraphQL response; UPSTREAM_BAD_PAYLOAD when it cannot be read;
 *   UPSTREAM_FAILED when the whole field failed
 */
export function readResponse(answer: HttpAnswer, field: string, target: () => HttpTarget): unknown {
  const response = parse(answer, target);
  const { data } = response;
  const errors = errorsOf(response['errors']);
  const succeeded = answer.status >= 200 && answer.status <= 299;
  // Statuses tell of the transport only where the body is no GraphQL response (GraphQL over HTTP, "Processing the response").
  if (!succeeded && !isRecord(data)) throw statusFault(answer, target());
  const failed = (error: unknown): GatewayError =>
    new GatewayError('UPSTREAM_FAILED', { source: target().source, cause: describeAnswer(answer, target(), error) });
  if (!isRecord(data) || data[field] === undefined) {
    if (errors.length === 0) throw payloadFault(answer, target(), 'neither data nor errors');
    throw failed(errors[0]?.error);
  }
  const root = data[field];
  if (root === null) {
    if (errors.length > 0) throw failed(errors[0]?.error);
    return null;
  }
  for (const { path, error } of errors) {
    if (path[0] === field) place(root, path.slice(1), () => failed(error));
  }
  return root;
}

function parse(answer: HttpAnswer, target: () => HttpTarget): Record<string, unknown> {
  let response: unknown;
  try {
    response = parseJson(answer.body.toString('utf8'));
  } catch (cause) {
    if (answer.status < 200 || answer.status > 299) throw statusFault(answer, target());
    throw payloadFault(answer, target(), cause);
  }
  if (isRecord(response)) return response;
  throw payloadFault(answer, target(), 'no GraphQL response');
}

function errorsOf(value: unknown): UpstreamError[] {
  return (Array.isArray(value) ? value : []).slice(0, MAX_ERRORS).map((error: unknown) => {
    const path = isRecord(error) && Array.isArray(error['path']) ? error['path'] : [];
    return { path: path.filter((key) => typeof key === 'string' || typeof key === 'number'), error };
  });
}

/** Walks down the path to the first null and leaves the error there; values that came all the same are not taken away. */
function place(root: unknown, path: readonly (string | number)[], fault: () => GatewayError): void {
  let current: unknown = root;
  for (const key of path) {
    if ((!isRecord(current) && !Array.isArray(current)) || current instanceof Error || !Object.hasOwn(current, key))
      return;
    const container = current as Record<string | number, unknown>;
    const inner = container[key];
    if (inner === null) {
      container[key] = fault();
      return;
    }
    current = inner;
  }
}
