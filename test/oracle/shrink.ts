/** What is left of a tape when everything is taken away that is not needed for it to fail. */
export type Shrunk = { bytes: Uint8Array; fault: string };

/**
 * Takes spans out of the tape, and puts zeros and smaller numbers into it, as long as it still fails: a tape that is shorter or
 * smaller makes simpler things.
 *
 * @param faultOf why a tape fails; undefined where it does not
 * @param maxTries most tapes that are tried
 */
export async function shrinkTape(
  first: Shrunk,
  faultOf: (bytes: Uint8Array) => Promise<string | undefined>,
  maxTries: number,
): Promise<Shrunk> {
  let best = first;
  let tries = 0;
  async function take(bytes: Uint8Array): Promise<boolean> {
    if (tries >= maxTries || bytes.length > best.bytes.length || sameAs(bytes, best.bytes)) return false;
    tries += 1;
    const fault = await faultOf(bytes);
    if (fault === undefined) return false;
    best = { bytes, fault };
    return true;
  }
  for (let isBetter = true; isBetter && tries < maxTries; ) {
    isBetter = false;
    for (let span = 128; span >= 1; span = span >> 1) {
      for (let start = best.bytes.length - span; start >= 0; start -= span) {
        isBetter = (await take(without(best.bytes, start, span))) || isBetter;
        isBetter = (await take(filled(best.bytes, start, span, () => 0))) || isBetter;
      }
    }
    for (let at = 0; at < best.bytes.length; at += 1) {
      isBetter = (await take(filled(best.bytes, at, 1, (byte) => byte >> 1))) || isBetter;
      isBetter = (await take(filled(best.bytes, at, 1, (byte) => Math.max(0, byte - 1)))) || isBetter;
    }
  }
  return best;
}

function sameAs(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function without(bytes: Uint8Array, start: number, span: number): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, start), ...bytes.subarray(start + span)]);
}

function filled(bytes: Uint8Array, start: number, span: number, change: (byte: number) => number): Uint8Array {
  return bytes.map((byte, index) => (index >= start && index < start + span ? change(byte) : byte));
}
