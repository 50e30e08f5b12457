/** What every accidental way to print a secret shows. */
const shown = '[secret]';

/**
 * A value that must not reach a log, an error or an answer: string conversion, JSON and `util.inspect` show `[secret]`.
 * `reveal()` is the only way to the text, so that its uses can be found.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shown;
  }
}

/** A copy of plain data with its secrets in clear text: to tell one setting from another, never to be shown. */
export function revealed(value: unknown): unknown {
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, shownValue: unknown) {
    const own = this[key];
    return own instanceof Secret ? own.reveal() : shownValue;
  });
  return JSON.parse(text);
}
