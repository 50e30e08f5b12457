/** Proofs that are taken back while what they opened goes on: a key is revoked, a token is no longer active. */
import type { ConnectionSlots, RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';

type Principal = ConnectionSlots['principal'];

/** What was shown once, and goes on to hold. */
export type Proof = Pick<RequestContext, 'headers' | 'peer' | 'path' | 'byOperator'>;

/** Settles who asks. @throws GatewayError UNAUTHENTICATED, SOURCE_UNAVAILABLE, RATE_LIMITED; or rejects alike */
export type Identify = (proof: Proof) => Principal | Promise<Principal>;

/** The same proof with whom it was found to be of; undefined before that. */
export type Shown = Proof & { readonly principal?: Principal };

/** Time between two questions about the proof of a stream of events, in ms. */
const ASK_MS = 12_000;

/**
 * Asks again whose a proof is: what identities remember makes that cheap.
 *
 * Rejects with GatewayError UNAUTHENTICATED where it is no longer good or somebody else's, and with what `identify` says where that
 * cannot be found out.
 */
export async function identifyAgain(identify: Identify, shown: Shown): Promise<Principal> {
  const principal = await identify(shown);
  if (shown.principal !== undefined && principal.id !== shown.principal.id) {
    throw new GatewayError('UNAUTHENTICATED', { message: 'The proof of identity is of somebody else by now.' });
  }
  return principal;
}

/** Whether the proof is bad. Other errors say nothing about it. */
export function isRefusal(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.code === 'UNAUTHENTICATED';
}

export type ProofCheckOptions = {
  readonly identify: Identify;
  readonly shown: Shown;
  /** Told whose the proof is now. */
  readonly take?: (principal: Principal) => void;
  /** Told that the proof is bad, or what nobody expected. */
  readonly end: (error: unknown) => void;
};

/**
 * Prepares asking about a proof, one question at a time. Where it cannot be found out whether it is still good, it is asked about the
 * next time. Who showed nothing has nothing to be taken back.
 */
export function createProofCheck({ identify, shown, take, end }: ProofCheckOptions): () => void {
  let isAsking = false;
  const settle = (error: unknown): void => {
    if (isRefusal(error) || !(error instanceof GatewayError)) end(error);
  };
  return () => {
    if (isAsking || shown.principal === undefined || shown.principal.kind === 'anonymous') return;
    isAsking = true;
    void identifyAgain(identify, shown)
      .then(take, settle)
      .finally(() => {
        isAsking = false;
      });
  };
}

/** Asks from time to time. @returns what stops it */
export function watchProof(options: ProofCheckOptions): () => void {
  if (options.shown.principal?.kind === 'anonymous') return () => undefined;
  const timer = setInterval(createProofCheck(options), ASK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
