/**
 * Program text that is safe to run. It is made of what is written in this folder, of literals, and of numbers: nothing that a client,
 * a contract or a source wrote can become anything but a string.
 */
import { LRUCache } from 'lru-cache';

declare const safe: unique symbol;

/** A piece of program text; only the functions of this file make one. */
export type Code = { readonly text: string; readonly [safe]: true };

/** Program text as written, with pieces in its gaps. */
export function js(written: TemplateStringsArray, ...pieces: readonly Code[]): Code {
  return piece(written.reduce((text, part, index) => text + (pieces[index - 1]?.text ?? '') + part));
}

/** A string literal: JSON text is one (ECMA-262, JSON superset). */
export function literal(text: string): Code {
  return piece(JSON.stringify(text));
}

/** @throws when it is no number that counts something */
export function count(number: number): Code {
  if (!Number.isSafeInteger(number) || number < 0) throw new Error('no count');
  return piece(String(number));
}

/** The name of something the text is given. @throws when it is none */
export function identifier(name: string): Code {
  if (!/^[a-zA-Z]\w*$/.test(name)) throw new Error('no name');
  return piece(name);
}

export const NOTHING: Code = piece('');

export function lines(pieces: readonly Code[]): Code {
  return piece(pieces.map(({ text }) => text).join('\n'));
}

export function list(pieces: readonly Code[]): Code {
  return piece(pieces.map(({ text }) => text).join(', '));
}

/**
 * Functions by their text: operations that differ in names, values or root fields alone come to the same text, and then run what is
 * hot already. A text holds nothing of the operation but response keys and property names, so that generations may share it.
 */
const made = new LRUCache<string, object>({
  max: 2000,
  maxSize: 16 * 1024 * 1024,
  sizeCalculation: (_made, text) => text.length,
});

/** Makes a function of its body. What the body names beside its own is what its parameters give it. The same for the same text. */
export function toFunction<F>(parameters: readonly Code[], body: Code): F {
  const names = list(parameters).text;
  const key = `${names}\n${body.text}`;
  const known = made.get(key) as F | undefined;
  if (known) return known;
  const fresh = new Function(names, `"use strict";\n${body.text}`);
  made.set(key, fresh);
  return fresh as F;
}

function piece(text: string): Code {
  return { text } as Code;
}
