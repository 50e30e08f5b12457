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
  const succeeded = answer.status >= 200 && answer.status <= 299;
  // Statuses tell of the transport only where the body is no GraphQL response (GraphQL over HTTP, "Processing the response").
  if (!succeeded && !isRecord(response['data'])) throw statusFault(answer, target());
  return readResult(response, field, {
    failed: (error) =>
      new GatewayError('UPSTREAM_FAILED', { source: target().source, cause: describeAnswer(answer, target(), error) }),
    unreadable: (cause) => payloadFault(answer, target(), cause),
  });
}

/**
 * The value of the root field in one event of a subscription. An event that failed is a GatewayError in place of the value: it is
 * an answer like others, and the next one may be good.
 *
 * @param response what the upstream sent, parsed
 */
export function readEvent(response: unknown, field: string, target: () => HttpTarget): unknown {
  const fault =
    (code: 'UPSTREAM_FAILED' | 'UPSTREAM_BAD_PAYLOAD') =>
    (cause: unknown): GatewayError => {
      const { source, method, url } = target();
      return new GatewayError(code, { source, cause: new Error(`${method} ${url} sent an event`, { cause }) });
    };
  const unreadable = fault('UPSTREAM_BAD_PAYLOAD');
  if (!isRecord(response)) return unreadable('no GraphQL response');
  try {
    return readResult(response, field, { failed: fault('UPSTREAM_FAILED'), unreadable });
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

/** What becomes of a response whose field failed, and of one that says nothing about it. */
type Faults = { failed: (error: unknown) => GatewayError; unreadable: (cause: string) => GatewayError };

function readResult(response: Record<string, unknown>, field: string, { failed, unreadable }: Faults): unknown {
  const { data } = response;
  const errors = errorsOf(response['errors']);
  if (!isRecord(data) || data[field] === undefined) {
    if (errors.length === 0) throw unreadable('neither data nor errors');
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
