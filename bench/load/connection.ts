import { connect } from 'node:net';
import type { HttpAnswer } from './response.ts';
import { cutAnswer } from './response.ts';

/** One request in flight: what went out when, and the root key its answer must have. */
export type Sent = { text: string; key: string; sentAt: number };

/**
 * What a connection asks of its owner: the next request (null when the time is up), where its answer goes, and what to
 * do about a request that was lost. `reconnect` says whether a closed connection may be opened again.
 */
export type ConnectionOwner = {
  port: number;
  next: () => Sent | null;
  onAnswer: (answer: HttpAnswer, sent: Sent) => void;
  onLost: (reason: string) => void;
  reconnect: () => boolean;
  signal: AbortSignal;
};

/**
 * A closed loop over one keep-alive connection: the next request goes out when the answer to the last one is whole.
 * Resolves when there is no next request or the signal aborts; `onAbandoned` hears of a request that was in flight then.
 */
export async function runConnection(owner: ConnectionOwner, onAbandoned: () => void): Promise<void> {
  while ((await runSocket(owner, onAbandoned)) === 'closed') {
    if (owner.signal.aborted || !owner.reconnect()) return;
  }
}

function runSocket(owner: ConnectionOwner, onAbandoned: () => void): Promise<'closed' | 'finished'> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: owner.port, noDelay: true });
    let pending: Buffer | null = null;
    let inFlight: Sent | null = null;
    let connected = false;
    let ended = false;

    const end = (outcome: 'closed' | 'finished') => {
      ended = true;
      socket.destroy();
      owner.signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = () => {
      if (inFlight) onAbandoned();
      inFlight = null;
      end('finished');
    };
    const lose = (reason: string) => {
      if (ended) return;
      // A connection that never came about is as good a failure as a lost request; an idle one that ends is none.
      if (inFlight || !connected) owner.onLost(reason);
      inFlight = null;
      end('closed');
    };
    const send = () => {
      inFlight = owner.next();
      if (inFlight) socket.write(inFlight.text, 'latin1');
      else end('finished');
    };

    owner.signal.addEventListener('abort', onAbort);
    socket.once('connect', () => {
      connected = true;
      send();
    });
    socket.on('error', (error) => lose(error.message));
    socket.once('close', () => lose('the server closed the connection'));
    socket.on('data', (chunk) => {
      pending = pending ? Buffer.concat([pending, chunk]) : chunk;
      try {
        const answer = cutAnswer(pending);
        if (!answer || !inFlight) return;
        owner.onAnswer(answer, inFlight);
        inFlight = null;
        pending = answer.end < pending.length ? pending.subarray(answer.end) : null;
        if (answer.close) end('closed');
        else send();
      } catch (error) {
        lose(error instanceof Error ? error.message : String(error));
      }
    });
  });
}
