/** What the tests of connectors share: options from a few lines of SDL, calls, and a bare HTTP upstream. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { policySchema } from '../../../gateway/config/policy.ts';
import type { Call, ConnectorOperation, ConnectorOptions } from '../../../gateway/connect/connector.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import { directiveArgs } from '../../../gateway/lib/sdl.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

export const SOURCE = 'shop';

export function schemaOf(sdl: string): GraphQLSchema {
  return buildSchema(`${WIRE_DIRECTIVES}\nscalar JSON scalar Int64 scalar UInt64\n${sdl}`);
}

/** Every root field with a wire directive of the source. */
export function operationsOf(sdl: string): ConnectorOperation[] {
  const schema = schemaOf(sdl);
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const;
  return roots.flatMap(([kind, type]) =>
    Object.values(type?.getFields() ?? {}).flatMap((field) => {
      const directive = field.astNode?.directives?.find(({ name }) =>
        ['httpOperation', 'grpcMethod', 'graphqlField'].includes(name.value),
      );
      return directive ? [{ name: field.name, kind, field, wire: directiveArgs(directive) }] : [];
    }),
  );
}

type OptionsInput = Partial<Omit<ConnectorOptions, 'operations' | 'policy'>> & {
  sdl: string;
  policy?: unknown;
  /** Request headers sent on to every source. */
  forward?: string[];
};

export function optionsOf({ sdl, policy = {}, forward = [], ...rest }: OptionsInput): ConnectorOptions {
  return {
    source: SOURCE,
    endpoints: [],
    operations: operationsOf(sdl),
    policy: policySchema.parse(policy),
    headers: {},
    headerRules: { forward, set: {} },
    roots: [],
    maxBodyBytes: 1_000_000,
    now: Date.now,
    ...rest,
  };
}

export function callOf(
  operation: string,
  args: Record<string, unknown> = {},
  rest: Partial<Omit<Call, 'headers'>> & { headers?: Record<string, string> } = {},
): Call {
  return {
    source: SOURCE,
    operation,
    args,
    idempotent: true,
    deadline: Date.now() + 10_000,
    signal: new AbortController().signal,
    requestId: 'request-1',
    ...rest,
    headers: new Map(Object.entries(rest.headers ?? {})),
  };
}

/** The error a call fails with; the test fails when the call does not, or with anything but a GatewayError. */
export async function failureOf(calling: Promise<unknown>): Promise<GatewayError> {
  const outcome = await calling.then(
    (value) => new Error(`the call succeeded: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (outcome instanceof GatewayError) return outcome;
  throw outcome;
}

export type Received = {
  method: string;
  url: string;
  headers: Record<string, string>;
  rawHeaders: string[];
  body: string;
  bytes: Buffer;
};

export type Upstream = {
  url: string;
  requests: Received[];
  [Symbol.asyncDispose](): Promise<void>;
};

/** An HTTP server that remembers what it received and answers as it is told. */
export async function startUpstream(
  answer: (request: Received, response: ServerResponse, incoming: IncomingMessage) => void,
): Promise<Upstream> {
  const requests: Received[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request: Received = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
        rawHeaders: incoming.rawHeaders,
        body: Buffer.concat(chunks).toString(),
        bytes: Buffer.concat(chunks),
      };
      requests.push(request);
      answer(request, response, incoming);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Everything of an error that a client may see. */
export function publicText(error: GatewayError): string {
  return JSON.stringify([error.message, error.detail, error.headers, error.code, error.source]);
}
