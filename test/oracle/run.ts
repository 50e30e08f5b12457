/** The oracle's property, for a test of few cases and a proof of many. */
import fc from 'fast-check';
import { checkCase } from './case.ts';
import { shrinkTape } from './shrink.ts';

export type Proof = {
  /** Operations that all engines agreed on. */
  operations: number;
  worlds: number;
  /** The last seed that was used: rounds have one after the other. */
  seed: number;
  /** What they did not agree on, shrunk, with what brings it back. */
  failure: string | undefined;
};

export type ProofOptions = {
  seed: number;
  operations: number;
  /** Told after each round. */
  onRound?: (proof: Proof) => void;
};

/** Longest tape: the rest of a world is as simple as can be. */
const TAPE_BYTES = 600;
/** Worlds of one round. */
const WORLDS = 200;
/** Most tapes that are tried to make a failure smaller. */
const TRIES = 4000;

/** Checks as many operations as asked for, or until engines differ. */
export async function prove({ seed, operations, onRound }: ProofOptions): Promise<Proof> {
  const proof: Proof = { operations: 0, worlds: 0, seed, failure: undefined };
  const tapes = fc.uint8Array({ minLength: TAPE_BYTES / 4, maxLength: TAPE_BYTES, size: 'max' });
  for (; proof.operations < operations; proof.seed += 1) {
    for (const bytes of fc.sample(tapes, { seed: proof.seed, numRuns: WORLDS })) {
      if (proof.operations >= operations) break;
      const { run, fault } = await faultOf(bytes);
      proof.operations += run;
      proof.worlds += 1;
      if (fault === undefined) continue;
      const shrunk = await shrinkTape({ bytes, fault }, async (tape) => (await faultOf(tape)).fault, TRIES);
      return { ...proof, failure: `seed ${proof.seed}, tape ${JSON.stringify([...shrunk.bytes])}\n\n${shrunk.fault}` };
    }
    onRound?.(proof);
  }
  return proof;
}

/** What nobody expected is a fault like any other. */
async function faultOf(bytes: Uint8Array): Promise<{ run: number; fault: string | undefined }> {
  try {
    return await checkCase(bytes);
  } catch (error) {
    return { run: 0, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
