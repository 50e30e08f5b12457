import { at, createRandom } from '../random.ts';
import {
  COUNTS,
  categoryId,
  DAY_MS,
  instant,
  isRetiredProduct,
  productId,
  SHOP_OPENED_MS,
  unitPriceCents,
} from './facts.ts';

export type Condition = 'new' | 'open-box' | 'refurbished';

export type Dimensions = { widthMm: number; heightMm: number; depthMm: number; weightGrams: number };

export type Category = { id: string; name: string; parentId: string | null };

/** A product without its rating, which is worked out of the reviews. */
export type Product = {
  id: string;
  sku: string;
  name: string;
  description: string | null;
  categoryId: string;
  price: { amountCents: number; currency: string };
  condition: Condition;
  tags: string[];
  dimensions: Dimensions;
  attributes: Record<string, string>;
  unitsSold: number;
  createdAt: string;
  ean?: string;
};

const SHELVES = [
  { name: 'Home', parent: 0, sku: 'HOM', nouns: ['doormat', 'coat hook', 'mirror'] },
  { name: 'Kitchen', parent: 1, sku: 'KIT', nouns: ['kettle', 'cutting board', 'pepper mill'] },
  { name: 'Lighting', parent: 1, sku: 'LMP', nouns: ['desk lamp', 'floor lamp', 'lantern'] },
  { name: 'Textiles', parent: 1, sku: 'TEX', nouns: ['blanket', 'cushion', 'tea towel'] },
  { name: 'Outdoor', parent: 0, sku: 'OUT', nouns: ['picnic rug', 'water bottle', 'folding chair'] },
  { name: 'Garden', parent: 5, sku: 'GAR', nouns: ['watering can', 'trowel', 'planter'] },
  { name: 'Bicycles', parent: 5, sku: 'BIC', nouns: ['bell', 'saddle bag', 'hand pump'] },
  { name: 'Office', parent: 0, sku: 'OFF', nouns: ['notebook', 'pen tray', 'paper knife'] },
  { name: 'Music', parent: 0, sku: 'MUS', nouns: ['metronome', 'record crate', 'guitar strap'] },
  { name: 'Games', parent: 0, sku: 'GAM', nouns: ['chess set', 'dice tower', 'puzzle'] },
  { name: 'Travel', parent: 5, sku: 'TRA', nouns: ['wash bag', 'map case', 'luggage strap'] },
  { name: 'Repair', parent: 0, sku: 'REP', nouns: ['screwdriver', 'sewing kit', 'wood glue'] },
] as const;
const MATERIALS = ['Walnut', 'Oak', 'Linen', 'Steel', 'Copper', 'Wool', 'Cork', 'Ceramic', 'Leather', 'Bamboo'];
const COLOURS = ['moss', 'slate', 'sand', 'brick', 'ink', 'cream'];
const TAGS = ['gift', 'handmade', 'fragile', 'bestseller', 'recycled', 'small-batch', 'outdoor', 'sale'];

/** All categories by id; the same rows on every call. */
export function createCategories(): Category[] {
  return SHELVES.map((shelf, index) => ({
    id: categoryId(index + 1),
    name: shelf.name,
    parentId: shelf.parent === 0 ? null : categoryId(shelf.parent),
  }));
}

/** All products that are still on sale, by id; the same rows on every call. */
export function createProducts(): Product[] {
  const random = createRandom(3003);
  const products: Product[] = [];
  for (let number = 1; number <= COUNTS.products; number += 1) {
    const shelf = at(SHELVES, (number - 1) % SHELVES.length);
    const material = random.pick(MATERIALS);
    const noun = random.pick(shelf.nouns);
    const colour = random.pick(COLOURS);
    const roll = random.next();
    const product: Product = {
      id: productId(number),
      sku: `${shelf.sku}-${String(number).padStart(4, '0')}`,
      name: `${material} ${noun}`,
      description: random.chance(0.8) ? `A ${noun} of ${material.toLowerCase()} in ${colour}, made to last.` : null,
      categoryId: categoryId(((number - 1) % SHELVES.length) + 1),
      price: { amountCents: unitPriceCents(number), currency: 'EUR' },
      condition: roll < 0.85 ? 'new' : roll < 0.94 ? 'open-box' : 'refurbished',
      tags: TAGS.filter(() => random.chance(0.2)),
      dimensions: {
        widthMm: random.integer(40, 900),
        heightMm: random.integer(20, 600),
        depthMm: random.integer(10, 400),
        weightGrams: random.integer(50, 12_000),
      },
      attributes: { colour, material: material.toLowerCase() },
      unitsSold: random.integer(0, 40_000),
      createdAt: instant(SHOP_OPENED_MS + random.integer(0, 500) * DAY_MS),
      ...(number % 3 === 0 ? { ean: `4006381${String(number).padStart(6, '0')}` } : {}),
    };
    if (!isRetiredProduct(number)) {
      products.push(product);
    }
  }
  return products;
}
