import { createBreakerRule, createHoldRule } from './chain/breaker.ts';
import type { Breakers } from './chain/breakers.ts';
import { type Bulkhead, holdPlaces } from './chain/bulkhead.ts';
import { createDeadlineRule } from './chain/deadline.ts';
import { createOpening } from './chain/opening.ts';
import { createRequestSizeRule } from './chain/request-size.ts';
import { createRetryRule } from './chain/retry.ts';
import { createBudgetRule, type RetryBudget } from './chain/retry-budget.ts';
import type { Call, CallRule, Connector, ConnectorOptions, OpenStream } from './connector.ts';

/** What calls and streams of a source have in common. */
export type StreamShared = {
  breakers: Breakers;
  bulkhead: Bulkhead | undefined;
  /** What is sent again is taken from it, be it a call or a stream. */
  budget: RetryBudget;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
};

/** Longest time to open a stream of events where the source has no deadline, in ms. */
const OPENING_MS = 10_000;

/**
 * Puts the rules of the policy around the opening of streams:
 *
 * place, of those that become lists → time to open, of events → breaker → retry within the budget of calls → balance → transport
 *
 * A list has the time and the place of a call until its end; events last too long for either. What shares and keeps answers has no
 * part in it: a stream is made for one reader, whose pace it goes at and who ends it, and what it said before is no answer to who
 * opens it later. A breaker counts no slowness here.
 */
export function surroundStreams(
  kind: Connector['kind'],
  open: OpenStream,
  options: ConnectorOptions,
  { breakers, bulkhead, budget, random }: StreamShared,
): OpenStream {
  const { source, operations, policy, now } = options;
  const { breaker, retry } = policy;
  const namesOf = (wanted: string): Set<string> =>
    new Set(operations.flatMap(({ name, kind: root }) => (root === wanted ? [name] : [])));
  const [events, queries] = [namesOf('subscription'), namesOf('query')];
  // A server stream of gRPC may do anything: only what its policy says so of is begun twice.
  const mayRepeat = ({ operation }: Call): boolean =>
    queries.has(operation) || (kind === 'graphql' && events.has(operation));
  const isIdempotent = (call: Call): boolean => policy.operations[call.operation]?.idempotent ?? mayRepeat(call);

  const known = { source, operations: operationsOf(options, true), breakers };
  const rules: CallRule[] = [
    createRequestSizeRule(options),
    breaker ? createBreakerRule({ ...known, policy: { ...breaker, slowMs: undefined }, now }) : createHoldRule(known),
  ];
  if (retry) {
    rules.push(createBudgetRule(budget, isIdempotent));
    rules.push(createRetryRule({ source, policy: retry, budget, isIdempotent, now, random }));
  }
  const soon = createDeadlineRule({ source, deadlineMs: policy.deadlineMs ?? OPENING_MS, now });
  const openEvents = createOpening({ source, rules: [soon, ...rules], isOpenWhenSilent: kind === 'grpc', now }, open);
  const openList = createOpening({ source, rules, isOpenWhenSilent: false, now }, open);
  const placed = bulkhead ? holdPlaces(bulkhead, openList) : openList;
  return (call) => (events.has(call.operation) ? openEvents(call) : placed(call));
}

/** Operations that are answered by a stream, or those that are called. */
export function operationsOf({ operations }: ConnectorOptions, streamed: boolean): string[] {
  const found = operations.filter(
    ({ kind, wire }) => (kind === 'subscription' || wire['responseStream'] === true) === streamed,
  );
  return found.map(({ name }) => name);
}
