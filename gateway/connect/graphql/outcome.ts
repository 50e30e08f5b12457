/** What a GraphQL upstream answered: data with its errors in their places, or one of our codes. */
import { GatewayError } from '../../errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { Call } from '../connector.ts';
import { describeAnswer, type HttpAnswer, type HttpTarget, payloadFault, statusFault } from '../rest/outcome.ts';
import { errorsOf, placeErrors } from './place.ts';

/**
 * The value of the root field. Each error of the upstream stands at its path as a GatewayError, where the executor makes it a
 * field's error; when null has moved up from there, it stands where null came to rest. An error without a place stands at every
 * null that has none of its own.
 *
 * @param field key of the root field in the answer
 * @param lost told of errors that stand at no place of their own: how many, and the first, for the log
 * @throws GatewayError by status when the answer is no GraphQL response; UPSTREAM_BAD_PAYLOAD when it cannot be read;
 *   UPSTREAM_FAILED when the whole field failed: the source's answer where its status is a success
 */
export function readResponse(
  answer: HttpAnswer,
  field: string,
  target: () => HttpTarget,
  lost: Lost = () => undefined,
): unknown {
  const response = parse(answer, target);
  const succeeded = answer.status >= 200 && answer.status <= 299;
  // Statuses tell of the transport only where the body is no GraphQL response (GraphQL over HTTP, "Processing the response").
  if (!succeeded && !isRecord(response['data'])) throw statusFault(answer, target());
  return readResult(response, field, {
    failed: (error) =>
      new GatewayError('UPSTREAM_FAILED', {
        source: target().source,
        cause: describeAnswer(answer, target(), error),
        isAnswer: succeeded,
      }),
    unreadable: (cause) => payloadFault(answer, target(), cause),
    lost: (count, error) => lost(count, describeAnswer(answer, target(), error)),
  });
}

/**
 * The value of the root field in one event of a subscription. An event that failed is a GatewayError in place of the value: it is
 * an answer like others, and the next one may be good.
 *
 * @param response what the upstream sent, parsed
 * @param lost told of errors that stand at no place of their own, as of those of an answer
 */
export function readEvent(
  response: unknown,
  field: string,
  target: () => HttpTarget,
  lost: Lost = () => undefined,
): unknown {
  const described = (cause: unknown): Error => {
    const { method, url } = target();
    return new Error(`${method} ${url} sent an event`, { cause });
  };
  const fault =
    (code: 'UPSTREAM_FAILED' | 'UPSTREAM_BAD_PAYLOAD') =>
    (cause: unknown): GatewayError =>
      new GatewayError(code, { source: target().source, cause: described(cause) });
  const unreadable = fault('UPSTREAM_BAD_PAYLOAD');
  if (!isRecord(response)) return unreadable('no GraphQL response');
  try {
    return readResult(response, field, {
      failed: fault('UPSTREAM_FAILED'),
      unreadable,
      lost: (count, error) => lost(count, described(error)),
    });
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

/** Told of errors without a place of their own: how many, and the first, for the log. */
export type Lost = (count: number, first: Error) => void;

/** Notes them on the call: how many there were in all its answers, and the first one. */
export function noteLost({ notes }: Pick<Call, 'notes'>): Lost {
  return (count, first) => {
    if (!notes) return;
    notes.unplacedErrors = (notes.unplacedErrors ?? 0) + count;
    notes.warning ??= first;
  };
}

/** What becomes of a response whose field failed, and of one that says nothing about it. */
type Faults = {
  failed: (error: unknown) => GatewayError;
  unreadable: (cause: string) => GatewayError;
  lost?: (count: number, first: unknown) => void;
};

function readResult(response: Record<string, unknown>, field: string, { failed, unreadable, lost }: Faults): unknown {
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
  const left = errors.length === 0 ? [] : placeErrors(root, field, errors, failed);
  if (left.length > 0) lost?.(left.length, left[0]?.error);
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
