/** Real upstreams on free ports, one function per kind; each answers from its list of expected exchanges. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Kind, parse } from 'graphql';
import type { Exchange, ExpectedAnswer, Ledger, Received } from './exchange.ts';
import { openLedger } from './exchange.ts';

export type Upstream = {
  readonly endpoint: string;
  readonly ledger: Ledger;
  /** Requests the caller gave up before they were answered. */
  cancelled(): number;
  [Symbol.asyncDispose](): Promise<void>;
};

/** An upstream that speaks REST. */
export function startRest(name: string, exchanges: readonly Exchange[]): Promise<Upstream> {
  return startHttp(name, exchanges, (request, text) => ({
    request: `${request.method} ${request.url}`,
    headers: request.headers,
    body: text === '' ? undefined : readJson(text),
    text,
  }));
}

/** An upstream that speaks GraphQL over HTTP. */
export function startGraphql(name: string, exchanges: readonly Exchange[]): Promise<Upstream> {
  return startHttp(name, exchanges, (request, text) => {
    const { query, variables } = readJson(text) as { query: string; variables?: Record<string, unknown> };
    return { request: rootField(query), headers: request.headers, body: variables ?? {}, text: query };
  });
}

function rootField(query: string): string {
  const [operation] = parse(query).definitions;
  const [field] = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : [];
  return field?.kind === Kind.FIELD ? field.name.value : '';
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function startHttp(
  name: string,
  exchanges: readonly Exchange[],
  receive: (request: IncomingMessage, text: string) => Received,
): Promise<Upstream> {
  const ledger = openLedger(name, exchanges);
  let cancelled = 0;
  const server = createServer((request, response) => {
    response.once('close', () => {
      if (!response.writableFinished) cancelled += 1;
    });
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(response, ledger.take(receive(request, Buffer.concat(chunks).toString('utf8')))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ledger,
    cancelled: () => cancelled,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(response: ServerResponse, given: ExpectedAnswer | undefined): void {
  if (given === undefined) return void response.writeHead(501).end();
  if (given.never === true) return;
  if (given.cut === true) return void response.destroy();
  const { status = 200, headers = {}, body, text } = given;
  if (text !== undefined)
    return void response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(text);
  if (body === undefined) return void response.writeHead(status, headers).end();
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
