/** What JSON writes otherwise than it stands (RFC 8259 §7), and halves of pairs, which `JSON.stringify` escapes (well-formed JSON). */
const SPECIAL = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;
/** Longer texts are looked at faster by who writes them. */
const MAX_SHORT = 512;

/** The JSON of a string. */
export function jsonText(value: string): string {
  return value.length <= MAX_SHORT && !SPECIAL.test(value) ? `"${value}"` : JSON.stringify(value);
}
