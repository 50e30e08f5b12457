import { connect } from 'node:net';
import type { HttpAnswer } from './response.ts';
import { cutAnswer } from './response.ts';

/** One request in flight: what went out when, and the root key its answer must have. */
export type Sent = { text: string; key: string; sentAt: number };

/**
 * What a connection asks of its owner. `opening` is a request it sends before all others, so that the server has accepted
 * the connection before anything is measured; `opened` is asked once when that is answered (or hopeless) and says when to
 * begin. `next` gives the next request, null when the time is up; `reconnect` says whether a closed connection may be
 * opened again; `signal` ends the wait for a last answer, and `onAbandoned` hears of a request that was in flight then.
 */
export type ConnectionOwner = {
  port: number;
  opening: string;
  opened: () => Promise<void>;
  next: () => Sent | null;
  onAnswer: (answer: HttpAnswer, sent: Sent) => void;
  onLost: (reason: string) => void;
  onAbandoned: () => void;
  reconnect: () => boolean;
  signal: AbortSignal;
};

/** A closed loop over one keep-alive connection: the next request goes out when the answer to the last one is whole. */
export async function runConnection(owner: ConnectionOwner): Promise<void> {
  let begun: Promise<void> | null = null;
  const begin = () => {
    begun ??= owner.opened();
    return begun;
  };
  while ((await runSocket(owner, begun === null ? begin : null)) === 'closed') {
    if (owner.signal.aborted || !owner.reconnect()) break;
  }
  // The others wait for this connection to begin, even if it never can.
  await begin();
}

/** @param begin waits for the beginning once the opening is answered; null on a socket that was opened again later */
function runSocket(owner: ConnectionOwner, begin: (() => Promise<void>) | null): Promise<'closed' | 'finished'> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: owner.port, noDelay: true });
    let pending: Buffer | null = null;
    let inFlight: Sent | null = null;
    let opening = true;
    let ended = false;

    const end = (outcome: 'closed' | 'finished') => {
      ended = true;
      socket.destroy();
      owner.signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = () => {
      if (inFlight || opening) owner.onAbandoned();
      end('finished');
    };
    const lose = (reason: string) => {
      if (ended) return;
      // A connection that never came about is as good a failure as a lost request; an idle one that ends is none.
      if (inFlight || opening) owner.onLost(reason);
      end('closed');
    };
    const send = () => {
      if (ended) return;
      inFlight = owner.next();
      if (inFlight) socket.write(inFlight.text, 'latin1');
      else end('finished');
    };
    const onOpeningAnswer = ({ status }: HttpAnswer) => {
      if (status < 200 || status > 299) return lose(`status ${status} to the opening request`);
      opening = false;
      void begin?.().then(send);
    };

    owner.signal.addEventListener('abort', onAbort);
    socket.once('connect', () => {
      if (begin) return void socket.write(owner.opening, 'latin1');
      opening = false;
      send();
    });
    socket.on('error', (error) => lose(error.message));
    socket.once('close', () => lose('the server closed the connection'));
    socket.on('data', (chunk) => {
      pending = pending ? Buffer.concat([pending, chunk]) : chunk;
      try {
        const answer = cutAnswer(pending);
        if (!answer) return;
        pending = answer.end < pending.length ? pending.subarray(answer.end) : null;
        if (opening) return onOpeningAnswer(answer);
        if (!inFlight) return lose('an answer nobody asked for');
        owner.onAnswer(answer, inFlight);
        inFlight = null;
        if (answer.close) end('closed');
        else send();
      } catch (error) {
        lose(error instanceof Error ? error.message : String(error));
      }
    });
  });
}
