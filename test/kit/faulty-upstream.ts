/** Real upstreams that misbehave, and keep account of what is asked of them and what stays open. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createHttp2Server, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { createServer as createNetServer } from 'node:net';
import { Server as GrpcServer, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';

export type FaultyUpstream = {
  readonly endpoint: string;
  /** Requests received. */
  calls(): number;
  /** Requests under way: neither answered nor given up. */
  open(): number;
  /** Connections that are open. */
  sockets(): number;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Answers one HTTP request, whose body has been read, however badly. */
export type RestBehaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server that answers by one function. */
export async function startFaultyRest(behave: RestBehaviour): Promise<FaultyUpstream> {
  let calls = 0;
  let open = 0;
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    calls += 1;
    open += 1;
    response.once('close', () => {
      open -= 1;
    });
    request.resume().once('end', () => behave(request, response));
  });
  return await listen(server, 'http://', { calls: () => calls, open: () => open });
}

export type GrpcCall = ServerUnaryCall<Buffer, Buffer>;
/** Answers one call; `socket` is the connection that was opened last. */
export type GrpcBehaviour = (call: GrpcCall, reply: sendUnaryData<Buffer>, socket: Socket | undefined) => void;

/**
 * A grpc-js server whose unary methods are all answered by one function. Messages are bytes.
 *
 * @param methods paths, such as `/library.v1.StockService/GetStock`
 */
export async function startFaultyGrpc(methods: readonly string[], behave: GrpcBehaviour): Promise<FaultyUpstream> {
  let calls = 0;
  const underWay = new Set<GrpcCall>();
  let newest: Socket | undefined;
  const grpc = new GrpcServer();
  for (const path of methods) {
    const same = (bytes: Buffer): Buffer => bytes;
    const shape = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
    };
    grpc.addService(
      { method: { ...shape, responseSerialize: same, responseDeserialize: same } },
      {
        method: (call: GrpcCall, reply: sendUnaryData<Buffer>) => {
          calls += 1;
          underWay.add(call);
          call.once('cancelled', () => underWay.delete(call));
          const answer: sendUnaryData<Buffer> = (...args) => {
            underWay.delete(call);
            reply(...args);
          };
          behave(call, answer, newest);
        },
      },
    );
  }
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const server = createNetServer((socket) => {
    newest = socket;
    socket.on('error', () => undefined);
    injector.injectConnection(socket);
  });
  const counts = { calls: () => calls, open: () => underWay.size };
  return await listen(server, '', counts, () => {
    injector.destroy();
    grpc.forceShutdown();
  });
}

/** Answers one stream of HTTP/2. */
export type Http2Behaviour = (stream: ServerHttp2Stream, session: Http2Session | undefined) => void;

/** A bare HTTP/2 server, for what a gRPC library would never send. */
export async function startFaultyHttp2(behave: Http2Behaviour): Promise<FaultyUpstream> {
  let calls = 0;
  let open = 0;
  const sessions = new Set<Http2Session>();
  const server = createHttp2Server();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream) => {
    calls += 1;
    open += 1;
    stream.on('error', () => undefined);
    stream.once('close', () => {
      open -= 1;
    });
    behave(stream, stream.session);
  });
  return await listen(server, '', { calls: () => calls, open: () => open }, () => {
    for (const session of sessions) session.destroy();
  });
}

/** A gRPC answer on a bare stream: one message and the status OK. */
export function answerGrpc(stream: ServerHttp2Stream, message: Buffer): void {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat([prefix, message]));
}

async function listen(
  server: NetServer,
  scheme: string,
  counts: Pick<FaultyUpstream, 'calls' | 'open'>,
  beforeClose: () => void = () => undefined,
): Promise<FaultyUpstream> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...counts,
    endpoint: `${scheme}127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets: () => sockets.size,
    async [Symbol.asyncDispose]() {
      beforeClose();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
