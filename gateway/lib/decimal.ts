/** Decimal numbers as text: what a double cannot hold keeps its digits. */

/** A number as JSON writes it (RFC 8259 §6). */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Far beyond what is counted or measured, and short enough for any service. */
const MAX_CHARS = 1000;
/** Every decimal of so many significant digits is told apart by a double (IEEE 754: `DBL_DIG`). */
const SAFE_DIGITS = 15;

/** Whether a text is a decimal number in the grammar of JSON, of at most 1000 characters. */
export function isDecimal(text: string): boolean {
  return text.length <= MAX_CHARS && NUMBER.test(text);
}

/** Whether a number can only have been written as it is: a safe integer, or one of at most 15 significant digits. */
export function isSafeNumber(value: number): boolean {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return Number.isSafeInteger(value);
  return Number.isFinite(value) && digitsOf(String(value)) <= SAFE_DIGITS;
}

/** Whether a double holds the number that a text in the grammar of JSON stands for. */
export function fitsDouble(text: string): boolean {
  const value = Number(text);
  if (String(value) === text) return true;
  return Number.isFinite(value) && (value !== 0 || digitsOf(text) === 0) && digitsOf(text) <= SAFE_DIGITS;
}

/** Significant digits: without sign, exponent, and the zeros at both ends. */
function digitsOf(text: string): number {
  const [digits = ''] = text.replace(/[-.]/g, '').split(/e/i);
  return digits.replace(/^0+/, '').replace(/0+$/, '').length;
}

/** A number that goes into JSON with exactly these digits, which no value of JavaScript has. */
export class DecimalText {
  readonly text: string;

  /** @param text a decimal number in the grammar of JSON */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  /** Where JSON is written without regard for it, the digits stand as text: rather that than rounded. */
  toJSON(): string {
    return this.text;
  }
}
