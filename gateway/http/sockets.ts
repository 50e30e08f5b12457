/** WebSocket connections: who may open one, how much it may hold, and how all of them end. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode } from 'graphql-ws';
import type { RawData } from 'ws';
import { WebSocket, WebSocketServer } from 'ws';
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import { atMoment } from '../lib/at-moment.ts';
import type { Events } from '../observe/events.ts';
import { readHeaders } from './headers.ts';
import { createPeerOf } from './peer.ts';
import { createProofCheck, type Identify, isRefusal } from './proof.ts';
import { chooseRequestId } from './request-id.ts';
import { pathOf } from './route.ts';
import {
  closeCodeOf,
  createProtocol,
  type OpenConnection,
  type ProtocolOptions,
  takePrincipal,
} from './socket-protocol.ts';
import { refuseUpgrade, subprotocol, writeRefusal } from './upgrade.ts';

export type SocketsOptions = Omit<ProtocolOptions, 'config' | 'ended'> & {
  readonly config: Pick<GatewayConfig, 'websocket' | 'identity'>;
  /** The same as `identify`, but that a refusal counts for no budget: nobody asked. */
  readonly identifyQuietly: Identify;
  readonly events: Pick<Events, 'socketOpened' | 'socketClosed' | 'socketRefused' | 'unknownError'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomId: () => string;
};

export type Sockets = {
  /** Takes over an HTTP connection, or refuses on it with a status. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Refuses new connections from now on. */
  leave(): void;
  /**
   * Closes each connection when its operations have ended, all at the latest after `limitMs`.
   * @returns how many operations were cut off
   */
  drain(limitMs: number): Promise<number>;
};

/** Bytes that may wait to be sent on one connection before the gateway stops reading from it. */
const backlogBytes = 1_048_576;
/** Time a client gets to answer the closing handshake. */
const goodbyeMs = 1000;

export function createSockets(options: SocketsOptions): Sockets {
  const { events, now, randomId } = options;
  const { websocket: config, identity } = options.config;
  const peerOf = createPeerOf(identity.trustedProxy);
  const held = new Map<WebSocket, OpenConnection>();
  let leaving = false;
  let changed: () => void = () => undefined;
  const protocol = createProtocol({ ...options, config, ended: () => changed() });
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // A small message must not become a large one.
    perMessageDeflate: false,
    maxPayload: config.messageBytes,
    handleProtocols: () => subprotocol,
    // One message at a time, so that a "complete" never overtakes its "subscribe".
    allowSynchronousEvents: false,
    autoPong: false,
  });

  function open(socket: WebSocket, connection: OpenConnection): void {
    const startedAt = now();
    const { id, peer } = connection;
    held.set(socket, connection);
    events.socketOpened({ connection: id, address: peer.address });
    const fault = (error: unknown): void => {
      const known = error instanceof GatewayError;
      if (!known) events.unknownError({ requestId: id, error });
      socket.close(closeCodeOf(error), known ? error.code : 'INTERNAL');
    };
    const send = createSend(socket);
    socket.on('ping', (data) => void send((sent) => socket.pong(data, false, sent)));
    let forgetExpiry = (): void => undefined;
    // 4403 makes clients connect again, with the proof they have by then; 4401 would make them give up.
    const part = (reason: string): void => {
      socket.close(CloseCode.Forbidden, reason);
      setTimeout(() => socket.terminate(), goodbyeMs).unref();
    };
    const expire = (): void => part('The proof of identity has expired');
    const lost = (): void => part('The proof of identity is no longer accepted');
    const goodUntil = (moment: number | undefined): void => {
      forgetExpiry();
      const isEnding = moment !== undefined && socket.readyState === WebSocket.OPEN;
      forgetExpiry = isEnding ? atMoment(moment, now, expire) : () => undefined;
    };
    const checkProof = createProofCheck({
      identify: options.identifyQuietly,
      shown: connection,
      take: (principal) => takePrincipal(connection, principal),
      end: (error) => (isRefusal(error) ? lost() : fault(error)),
    });
    const stopPings = keepAlive(socket, config.pingMs, checkProof);
    // What breaks the rules of RFC 6455 is closed with its code by the library itself.
    socket.on('error', () => undefined);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => send((sent) => socket.send(text, sent)),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) =>
          void socket.on('message', (data: RawData, isBinary: boolean) => {
            if (isBinary) socket.close(1003, 'Text is expected');
            else take(String(data)).catch(fault);
          }),
      },
      Object.assign(connection, { goodUntil, lost }),
    );
    socket.once('close', (code, reason) => {
      stopPings();
      forgetExpiry();
      held.delete(socket);
      events.socketClosed({ connection: id, code, ms: now() - startedAt });
      closed(code, String(reason)).catch(fault);
      changed();
    });
  }

  /** Waits until no connection is open, at most so long. */
  async function emptied(limitMs: number, look: () => void): Promise<void> {
    look();
    if (held.size === 0 || limitMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      changed = () => {
        look();
        if (held.size > 0) return;
        clearTimeout(timer);
        resolve();
      };
    });
    changed = () => undefined;
  }

  return {
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const address = request.socket.remoteAddress ?? '';
      const room = leaving ? undefined : config.connections - held.size;
      const refusal = refuseUpgrade(request, { origins: config.origins, room });
      if (refusal !== undefined) {
        events.socketRefused({ status: refusal.status, address, reason: refusal.detail });
        socket.end(writeRefusal(refusal));
        return;
      }
      server.handleUpgrade(request, socket, head, (opened) => {
        const headers = readHeaders(request.headers);
        const id = chooseRequestId(headers.get('x-request-id'), randomId);
        open(opened, {
          ...{ id, headers, operations: 0 },
          peer: peerOf(request.socket, headers),
          path: pathOf(request.url ?? ''),
        });
      });
    },
    leave() {
      leaving = true;
    },
    async drain(limitMs) {
      const goodbye = (all: boolean) => () => {
        for (const [socket, { operations }] of held) if (all || operations === 0) socket.close(1001, 'Going away');
      };
      const handshakeMs = Math.min(goodbyeMs, limitMs);
      await emptied(limitMs - handshakeMs, goodbye(false));
      const cut = [...held.values()].reduce((sum, { operations }) => sum + operations, 0);
      await emptied(handshakeMs, goodbye(true));
      for (const socket of held.keys()) socket.terminate();
      return cut;
    },
  };
}

/** Sends one thing after another; while too much waits to be sent nothing is read, so that a client cannot make it more. */
function createSend(socket: WebSocket): (write: (sent: () => void) => void) => Promise<void> {
  return (write) =>
    new Promise((resolve) => {
      if (socket.readyState !== WebSocket.OPEN) return resolve();
      write(() => {
        if (socket.isPaused && socket.bufferedAmount <= backlogBytes) socket.resume();
        resolve();
      });
      if (socket.bufferedAmount > backlogBytes) socket.pause();
    });
}

/**
 * Pings, and ends a connection that neither answered nor took anything since the last one.
 *
 * @param beside what is done with each ping
 * @returns what stops it
 */
function keepAlive(socket: WebSocket, pingMs: number, beside: () => void): () => void {
  let answered = true;
  let waiting = 0;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered && socket.bufferedAmount >= waiting) return socket.terminate();
    answered = false;
    waiting = socket.bufferedAmount;
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.ping();
    beside();
  }, pingMs);
  return () => clearInterval(timer);
}
