import { createHash } from 'node:crypto';
import { createRandom } from '../random.ts';
import { COUNTS, HOUR_MS, instant, pictureId, productId, SHOP_NOW_MS, SHOP_OPENED_MS } from './facts.ts';

export type Angle = 'front' | 'close-up' | 'in-use' | 'size-chart';

/** A picture with its bytes, which the service gives out apart from the rest. */
export type Picture = {
  id: string;
  productId: string;
  angle: Angle;
  caption: string | null;
  position: number;
  mediaType: string;
  byteCount: number;
  fingerprint: bigint;
  uploadedAt: string;
  bytes: Buffer;
};

const ANGLES: readonly Angle[] = ['front', 'close-up', 'in-use', 'size-chart'];
const CAPTIONS = ['On the kitchen table', 'In daylight', 'What it comes with', 'Beside a cup for size'];

/** All pictures by id; the same rows on every call. Every twentieth product has none, products off the shop kept theirs. */
export function createPictures(): Picture[] {
  const random = createRandom(6006);
  const pictures: Picture[] = [];
  for (let product = 1; product <= COUNTS.products; product += 1) {
    const count = product % 20 === 0 ? 0 : random.integer(1, 3);
    for (let position = 0; position < count; position += 1) {
      const bytes = onePixel(random.integer(0, 255), random.integer(0, 255), random.integer(0, 255));
      pictures.push({
        id: pictureId(pictures.length + 1),
        productId: productId(product),
        angle: position === 0 ? 'front' : random.pick(ANGLES),
        caption: random.chance(0.6) ? random.pick(CAPTIONS) : null,
        position,
        ...describeBytes(bytes, 'image/gif'),
        uploadedAt: instant(SHOP_OPENED_MS + random.integer(0, (SHOP_NOW_MS - SHOP_OPENED_MS) / HOUR_MS - 1) * HOUR_MS),
      });
    }
  }
  return pictures;
}

/** What the service works out of the bytes of a picture. The fingerprint is an int64 that no double holds. */
export function describeBytes(
  bytes: Buffer,
  mediaType: string,
): Pick<Picture, 'bytes' | 'byteCount' | 'fingerprint' | 'mediaType'> {
  const hash = createHash('sha256').update(bytes).digest().readBigUInt64BE(0);
  // The highest bit is cleared, for it has to be positive; two others are set, so that it is large and odd.
  const fingerprint = (hash & 0x7fff_ffff_ffff_ffffn) | 0x4000_0000_0000_0001n;
  return { bytes, byteCount: bytes.length, fingerprint, mediaType };
}

/** A picture of one pixel in the given colour (GIF89a). */
function onePixel(red: number, green: number, blue: number): Buffer {
  const size = [1, 0, 1, 0];
  const palette = [red, green, blue, 0, 0, 0];
  const image = [0x2c, 0, 0, 0, 0, ...size, 0, 2, 2, 0x44, 1, 0];
  return Buffer.from([...Buffer.from('GIF89a'), ...size, 0x80, 0, 0, ...palette, ...image, 0x3b]);
}
