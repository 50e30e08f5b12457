/** The protocol graphql-transport-ws: what its messages do, by graphql-ws. */
import type { DocumentNode, GraphQLError } from 'graphql';
import type { Server } from 'graphql-ws';
import { CloseCode, makeServer } from 'graphql-ws';
import type { GatewayConfig } from '../config/schema.ts';
import type { ConnectionSlots } from '../context.ts';
import { GatewayError, toGraphQLError } from '../errors.ts';
import type { Closable } from '../lib/iterables.ts';
import type { Params } from './params.ts';
import { type Identify, identifyAgain, isRefusal } from './proof.ts';

/** One connection: its operations share these slots. */
export type Connection = ConnectionSlots & { readonly id: string; headers: ReadonlyMap<string, string> };

/** The same while it is open. */
export type OpenConnection = Omit<Connection, 'principal'> & {
  principal?: ConnectionSlots['principal'];
  operations: number;
  /** Told until when the proof of who connected is good, in ms since the epoch; undefined where it does not end by itself. */
  readonly goodUntil?: (moment: number | undefined) => void;
  /** Told that the proof is no longer good. */
  readonly lost?: () => void;
};

/** Notes who is on the connection from now on. */
export function takePrincipal(connection: OpenConnection, principal: ConnectionSlots['principal']): void {
  connection.principal = principal;
  connection.goodUntil?.(principal.expiresAt);
}

/** An operation that came by WebSocket: refused, or ready to be executed by who reads its answer. */
export type SocketOperation =
  | { readonly refused: readonly GraphQLError[] }
  | {
      readonly document: DocumentNode;
      readonly operationName: string | undefined;
      readonly answer: Closable<object>;
    };

export type ProtocolOptions = {
  readonly config: Pick<GatewayConfig['websocket'], 'initWaitMs' | 'initHeaders' | 'operationsPerConnection'>;
  /**
   * Settles who connected, by what `connection_init` gave, and again with each operation. @throws GatewayError UNAUTHENTICATED, FORBIDDEN,
   * RATE_LIMITED
   */
  readonly identify: Identify;
  /** A promise where the operation has to be looked up first. */
  readonly operate: (connection: Connection, params: Params) => SocketOperation | Promise<SocketOperation>;
  /** Told when an operation has ended and its last message is on its way. */
  readonly ended: () => void;
};

type Ready = Extract<SocketOperation, { readonly answer: unknown }>;

/** One server for all connections; each operation is an iterable, so that a client's `complete` ends every kind of it. */
export function createProtocol({ config, identify, operate, ended }: ProtocolOptions): Server<OpenConnection> {
  const most = config.operationsPerConnection;
  const execute = (args: { contextValue?: unknown }) => (args.contextValue as Ready).answer as never;
  return makeServer<Record<string, unknown> | undefined, OpenConnection>({
    connectionInitWaitTimeout: config.initWaitMs,
    async onConnect({ extra, connectionParams }) {
      extra.headers = withInitHeaders(extra.headers, connectionParams, config.initHeaders);
      takePrincipal(extra, await identify(extra));
    },
    async onSubscribe({ extra }, _id, { query, variables, operationName, extensions }) {
      if (extra.operations >= most) return [tooMany(most)];
      const take = (operation: SocketOperation) => {
        if ('refused' in operation) {
          leave(extra);
          return operation.refused;
        }
        const { document } = operation;
        // What is executed is the operation's own; the library only has to know that there is one.
        return {
          schema: undefined as never,
          document,
          operationName: operation.operationName,
          contextValue: operation,
        };
      };
      extra.operations += 1;
      const refusal = await renew(extra);
      if (refusal) {
        leave(extra);
        return [refusal];
      }
      const operation = await operate(extra as Connection, {
        // The protocol wants a text: one that is named by hash sends an empty one.
        ...(query !== '' && { query }),
        ...(variables && { variables }),
        ...(operationName && { operationName }),
        ...(extensions && { extensions }),
      });
      return take(operation);
    },
    execute,
    subscribe: execute,
    onComplete({ extra }) {
      leave(extra);
    },
  });

  /** Why an operation cannot begin; undefined where the proof of who connected is still good. */
  async function renew(connection: OpenConnection): Promise<GraphQLError | undefined> {
    try {
      takePrincipal(connection, await identifyAgain(identify, connection));
      return undefined;
    } catch (error) {
      if (isRefusal(error)) connection.lost?.();
      else if (!(error instanceof GatewayError)) throw error;
      return bare(error);
    }
  }

  function leave(connection: OpenConnection): void {
    // The message that tells the client is sent after this.
    setImmediate(() => {
      connection.operations -= 1;
      ended();
    });
  }
}

/** Of the registry of close codes (RFC 6455 §11.7): clients connect again after a while. */
const TRY_AGAIN_LATER = 1013;

/** The close code for an error outside of any operation, by the protocol's own list. */
export function closeCodeOf(error: unknown): number {
  const code = error instanceof GatewayError ? error.code : 'INTERNAL';
  if (code === 'UNAUTHENTICATED') return CloseCode.Unauthorized;
  if (code === 'FORBIDDEN') return CloseCode.Forbidden;
  if (code === 'RATE_LIMITED') return TRY_AGAIN_LATER;
  return code === 'BAD_REQUEST' ? CloseCode.BadRequest : CloseCode.InternalServerError;
}

/** Browsers cannot set headers of a WebSocket: those that configuration names may come in the payload of `connection_init`. */
function withInitHeaders(
  headers: ReadonlyMap<string, string>,
  payload: Readonly<Record<string, unknown>> | undefined,
  names: readonly string[],
): ReadonlyMap<string, string> {
  if (payload === undefined || names.length === 0) return headers;
  const merged = new Map(headers);
  for (const [key, value] of Object.entries(payload)) {
    const name = key.toLowerCase();
    if (names.includes(name) && typeof value === 'string') merged.set(name, value);
  }
  return merged;
}

function tooMany(limit: number): GraphQLError {
  const message = `This connection has ${limit} operations already: end one first, or open another connection.`;
  return bare(new GatewayError('RATE_LIMITED', { message }));
}

/** The error without what only HTTP could say. */
function bare(fault: GatewayError): GraphQLError {
  const error = toGraphQLError(fault, '');
  delete error.extensions['http'];
  return error;
}
