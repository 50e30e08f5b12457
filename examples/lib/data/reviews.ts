import { createRandom } from '../random.ts';
import {
  COUNTS,
  customerId,
  HOUR_MS,
  instant,
  isRetiredProduct,
  productId,
  reviewId,
  SHOP_NOW_MS,
  SHOP_OPENED_MS,
} from './facts.ts';

export type Review = {
  id: string;
  productId: string;
  customerId: string;
  rating: number;
  title: string;
  body: string | null;
  verified: boolean;
  createdAt: string;
};

const OPINIONS: Readonly<Record<number, { titles: readonly string[]; bodies: readonly string[] }>> = {
  1: { titles: ['Broke in a week', 'Not again'], bodies: ['It fell apart and nobody answered my letters.'] },
  2: { titles: ['Expected more', 'Looks better online'], bodies: ['The colour is off and it wobbles a little.'] },
  3: { titles: ['Fine', 'Does its job'], bodies: ['Nothing special, nothing wrong either.'] },
  4: { titles: ['Happy with it', 'Well made'], bodies: ['Solid work. The parcel came a day late.'] },
  5: {
    titles: ['Does what it says', 'A joy', 'Bought a second one'],
    bodies: ['I use it every day and still like it.'],
  },
};

/** All reviews, oldest first; the same rows on every call. */
export function createReviews(): Review[] {
  const random = createRandom(4004);
  const stepMs = (SHOP_NOW_MS - SHOP_OPENED_MS - HOUR_MS) / COUNTS.reviews;
  const reviews: Review[] = [];
  for (let number = 1; number <= COUNTS.reviews; number += 1) {
    // The product of two even draws gathers reviews at low numbers: a few favourites, a long tail with none.
    const product = Math.max(1, Math.ceil(random.next() * random.next() * COUNTS.products));
    const rating = random.pick([1, 2, 3, 3, 4, 4, 4, 5, 5, 5, 5]);
    const opinion = OPINIONS[rating] ?? { titles: [], bodies: [] };
    reviews.push({
      id: reviewId(number),
      // Reviews of a retired product were moved to the one that followed it.
      productId: productId(isRetiredProduct(product) ? product + 1 : product),
      customerId: customerId(random.integer(1, COUNTS.customers)),
      rating,
      title: random.pick(opinion.titles),
      body: random.chance(0.7) ? random.pick(opinion.bodies) : null,
      verified: random.chance(0.8),
      createdAt: instant(Math.floor(SHOP_OPENED_MS + stepMs * number)),
    });
  }
  return reviews;
}
