/** What an upstream is expected to be asked and has to answer. Anything else it is asked is a fault of the test's subject. */
import { isDeepStrictEqual } from 'node:util';

export type ExpectedAnswer = {
  /** HTTP status; 200 without. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** REST: JSON body. gRPC: the message. GraphQL: the whole response. */
  readonly body?: unknown;
  /** REST: body as it stands, in place of `body`. */
  readonly text?: string | undefined;
  /** gRPC: name of the status, such as NOT_FOUND. */
  readonly error?: string | undefined;
  /** No answer comes, the caller has to give up. */
  readonly never?: boolean | undefined;
  /** The connection is cut. */
  readonly cut?: boolean | undefined;
};

export type Exchange = {
  /** REST `GET /path?query` as sent, gRPC `package.Service/Method`, GraphQL the root field. */
  readonly request: string;
  /** Headers or metadata that have to come along, lower-case names; null for one that must not. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /** REST: JSON body. gRPC: the message. GraphQL: the variables. Not looked at without. */
  readonly body?: unknown;
  /** Texts that the query (GraphQL) or the body as it stands (REST) has to hold. */
  readonly contains?: readonly string[] | undefined;
  readonly answer: ExpectedAnswer;
  /** How often; 1 without. */
  readonly times?: number | undefined;
};

/** What came in, in the form of an exchange. */
export type Received = {
  readonly request: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly text: string;
};

export type Ledger = {
  /** The answer for what came in; undefined (and noted) when nobody expected it. */
  take(received: Received): ExpectedAnswer | undefined;
  /** How many requests came in, expected or not. */
  calls(): number;
  /** What came unexpectedly and what never came, for a person to read. */
  faults(): string[];
};

/** Keeps account of the exchanges of one upstream. */
export function openLedger(upstream: string, exchanges: readonly Exchange[]): Ledger {
  const open = exchanges.map((exchange) => ({ exchange, left: exchange.times ?? 1 }));
  const unexpected: string[] = [];
  let calls = 0;
  return {
    take(received) {
      calls += 1;
      const match = open.find(({ exchange, left }) => left > 0 && fits(exchange, received));
      if (match === undefined) {
        const { request, body, text } = received;
        unexpected.push(`${upstream} was asked ${request} ${JSON.stringify(body) ?? ''} ${text}`.trimEnd());
        return undefined;
      }
      match.left -= 1;
      return match.exchange.answer;
    },
    calls: () => calls,
    faults: () => [
      ...unexpected,
      ...open.flatMap(({ exchange, left }) => {
        const body = exchange.body === undefined ? '' : ` ${JSON.stringify(exchange.body)}`;
        return left > 0
          ? [`${upstream} was never asked ${exchange.request}${body}${left > 1 ? ` (${left} times)` : ''}`]
          : [];
      }),
    ],
  };
}

function fits(exchange: Exchange, received: Received): boolean {
  if (exchange.request !== received.request) return false;
  const headers = Object.entries(exchange.headers ?? {});
  if (!headers.every(([name, value]) => (received.headers[name] ?? null) === value)) return false;
  if (!(exchange.contains ?? []).every((part) => received.text.includes(part))) return false;
  return exchange.body === undefined || isDeepStrictEqual(exchange.body, received.body);
}
