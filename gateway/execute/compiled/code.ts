/**
 * Program text that is safe to run. It is made of what is written in this folder, of literals, and of numbers: nothing that a client,
 * a contract or a source wrote can become anything but a string.
 */
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

/** Makes a function of its body. What the body names beside its own is what its parameters give it. */
export function toFunction<F>(parameters: readonly Code[], body: Code): F {
  return new Function(...parameters.map(({ text }) => text), `"use strict";\n${body.text}`) as F;
}

function piece(text: string): Code {
  return { text } as Code;
}
