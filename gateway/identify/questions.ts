/** Questions about tokens that are under way: so many in all, and of these so many for one address, so that none holds up all others. */
import { GatewayError } from '../errors.ts';
import { clientBlock } from '../lib/client-block.ts';
import { cannotCheck } from './refusal.ts';

export type QuestionsOptions = {
  /** Most at a time. */
  readonly max: number;
  /** Most at a time for one address, of IPv6 for one /64 (default a quarter of `max`, at least 1). */
  readonly maxPerAddress?: number | undefined;
};

export type Questions = {
  /**
   * Takes a place for a question that somebody at this address makes necessary.
   *
   * @returns gives the place back
   * @throws GatewayError SOURCE_UNAVAILABLE where all places are taken, RATE_LIMITED where the address has its share
   */
  begin(address: string): () => void;
};

/** An address is known here for as long as it has a question under way: there are never more of them than places. */
export function createQuestions({
  max,
  maxPerAddress = Math.max(1, Math.floor(max / 4)),
}: QuestionsOptions): Questions {
  const underWay = new Map<string, number>();
  let total = 0;
  return {
    begin(address) {
      if (total >= max) throw cannotCheck(`${total} tokens are being asked about`);
      const block = clientBlock(address);
      const own = underWay.get(block) ?? 0;
      if (own >= maxPerAddress) {
        const message = 'Too many tokens from your address are being checked at the moment: try again later.';
        const cause = `${own} tokens of ${block} are being asked about`;
        throw new GatewayError('RATE_LIMITED', { message, cause, headers: { 'retry-after': '1' } });
      }
      underWay.set(block, own + 1);
      total += 1;
      return () => {
        const left = (underWay.get(block) ?? 1) - 1;
        if (left > 0) underWay.set(block, left);
        else underWay.delete(block);
        total -= 1;
      };
    },
  };
}
