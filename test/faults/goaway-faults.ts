/** Servers of HTTP/2 that leave a connection (GOAWAY) or end one stream of it (RST_STREAM), in order and abruptly. */
import { constants, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { answerGrpc, type FaultyUpstream, startFaultyHttp2 } from '../kit/faulty-upstream.ts';
import { documentOf, type Fault, type FaultyWorld, type Outcome, STOCK_MESSAGE } from './fault.ts';
import { judgeOne } from './judge.ts';
import { GRPC_AGAIN } from './repeated-faults.ts';
import { EAGER } from './rest-faults.ts';

const READ = 'getStock(input: { key: { sku: "s1" } }) { sku }';
const WRITE = 'stockClose(input: { shelf: "a" }) { sku }';

/** Whether what happens once has happened, at whichever address. */
type State = { isOver: boolean };

/** One way to leave: what is seen of it, and how often a read and a mutation are sent. */
type Way = {
  readonly name: string;
  readonly behave: (stream: ServerHttp2Stream, session: Http2Session, state: State) => void;
  readonly expected: string;
  /** Where a mutation is not sent again although that would do no harm. */
  readonly expectedOfMutation?: string;
  readonly read: number;
  readonly mutation: number;
  /** Asked so many times, one after the other. */
  readonly times?: number;
};

/** Says that the stream, and all before it, may have been looked at. */
const namesIt = (stream: ServerHttp2Stream, session: Http2Session, code = constants.NGHTTP2_NO_ERROR): void =>
  session.goaway(code, stream.id ?? 0);
/** Says that the stream was not looked at, but those before it: it may be sent again (RFC 9113 §6.8). Clients' streams have odd numbers. */
const namesTheOneBefore = (stream: ServerHttp2Stream, session: Http2Session): void =>
  session.goaway(constants.NGHTTP2_NO_ERROR, (stream.id ?? 0) - 2);

const WAYS: readonly Way[] = [
  {
    name: 'GOAWAY that names the call, and the end of the connection',
    behave: (stream, session) => {
      namesIt(stream, session);
      session.destroy();
    },
    expected: 'UPSTREAM_UNREACHABLE',
    read: EAGER.attempts,
    mutation: 1,
  },
  {
    name: 'GOAWAY for an error that names the call, and the end of the connection',
    behave: (stream, session) => {
      namesIt(stream, session, constants.NGHTTP2_INTERNAL_ERROR);
      session.destroy();
    },
    expected: 'UPSTREAM_FAILED',
    read: EAGER.attempts,
    mutation: 1,
  },
  {
    name: 'GOAWAY while answering, then asked again',
    behave: (stream, session) => {
      namesIt(stream, session);
      finish(stream);
      // Node leaves the connection half open otherwise, when the other side has closed it.
      stream.once('close', () => session.close());
    },
    expected: 'answered',
    read: 2,
    mutation: 2,
    times: 2,
  },
  {
    // Of three calls two come by one connection, whichever address is taken.
    name: 'GOAWAY that does not name the second call of a connection, in order',
    behave: (stream, session, state) => {
      if (stream.id === 1 || state.isOver) return finish(stream);
      state.isOver = true;
      namesTheOneBefore(stream, session);
      session.close();
    },
    expected: 'answered',
    expectedOfMutation: 'UPSTREAM_UNREACHABLE+answered',
    read: 4,
    mutation: 3,
    times: 3,
  },
  {
    name: 'RST_STREAM that says the first call was refused',
    behave: (stream, _, state) => {
      if (state.isOver) return finish(stream);
      state.isOver = true;
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    },
    expected: 'answered',
    expectedOfMutation: 'UPSTREAM_UNREACHABLE',
    read: 2,
    mutation: 1,
  },
  {
    name: 'RST_STREAM that says no such thing',
    behave: (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    expected: 'UPSTREAM_FAILED',
    read: EAGER.attempts,
    mutation: 1,
  },
];

export function goawayFaults(): Fault[] {
  return WAYS.flatMap((way) => [faultOf(way, 'query'), faultOf(way, 'mutation')]);
}

/** Two addresses that do the same, and all that may send a call again. */
function faultOf(
  { name, behave, expected, expectedOfMutation = expected, times = 1, ...calls }: Way,
  kind: 'query' | 'mutation',
): Fault {
  const state = { isOver: false };
  const start = (): Promise<FaultyUpstream> =>
    startFaultyHttp2((stream, session) => session && behave(stream, session, state));
  const wanted = kind === 'query' ? calls.read : calls.mutation;
  const fault: Fault = {
    name: `HTTP/2 ${name}${kind === 'query' ? '' : ', mutation'}`,
    kind,
    fields: kind === 'query' ? READ : WRITE,
    expected: kind === 'query' ? expected : expectedOfMutation,
    calls: [wanted, wanted],
    policies: { stock: { ...GRPC_AGAIN, hedge: undefined } },
    upstreams: { stock: start, ratings: start },
  };
  return { ...fault, ask: (world) => askTimes(fault, world, state, times) };
}

async function askTimes(fault: Fault, { app }: FaultyWorld, state: State, times: number): Promise<Outcome> {
  state.isOver = false;
  const outcomes: Outcome[] = [];
  for (let count = 0; count < times; count += 1) outcomes.push(judgeOne(fault, await app.query(documentOf(fault))));
  return {
    seen: [...new Set(outcomes.map(({ seen }) => seen))].sort().join('+'),
    siblings: outcomes.every(({ siblings }) => siblings),
    complaints: outcomes.flatMap(({ complaints }) => complaints),
  };
}

function finish(stream: ServerHttp2Stream): void {
  answerGrpc(stream, STOCK_MESSAGE);
}
