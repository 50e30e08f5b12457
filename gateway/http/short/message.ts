/** Request and answer of the short way: no more of what hooks know of either than they use. */
import type { ServerResponse } from 'node:http';

/** Header fields of an answer, by lower-case name: few, so that going through them is the quickest way to find one. */
export class AnswerHeaders {
  /** Names and values in turn, as node takes them. */
  readonly #fields: string[] = [];
  readonly #cookies: string[] = [];

  get(name: string): string | null {
    return (name === 'set-cookie' ? this.#cookies.join(', ') : this.#fields[this.#at(name) + 1]) || null;
  }
  has(name: string): boolean {
    return name === 'set-cookie' ? this.#cookies.length > 0 : this.#at(name) >= 0;
  }
  set(name: string, value: string): void {
    if (name === 'set-cookie') this.#cookies.splice(0, Number.POSITIVE_INFINITY, value.trim());
    else this.#put(name, value.trim());
  }
  append(name: string, value: string): void {
    if (name === 'set-cookie') this.#cookies.push(value.trim());
    else this.#put(name, this.has(name) ? `${this.#fields[this.#at(name) + 1]}, ${value.trim()}` : value.trim());
  }
  delete(name: string): void {
    if (name === 'set-cookie') this.#cookies.length = 0;
    else if (this.has(name)) this.#fields.splice(this.#at(name), 2);
  }
  /** Names and values in turn, cookies last. */
  flat(): string[] {
    if (this.#cookies.length === 0) return this.#fields;
    return [...this.#fields, ...this.#cookies.flatMap((value) => ['set-cookie', value])];
  }

  /** Where its name stands; below zero, by two, where it does not. */
  #at(name: string): number {
    for (let at = 0; at < this.#fields.length; at += 2) if (this.#fields[at] === name) return at;
    return -2;
  }
  #put(name: string, value: string): void {
    const at = this.#at(name);
    if (at < 0) this.#fields.push(name, value);
    else this.#fields[at + 1] = value;
  }
}

export type Answer = { status: number; readonly headers: AnswerHeaders; body: string | Buffer | null };

/** What a Response of the long way says. */
export async function answerOfResponse(response: Response): Promise<Answer> {
  const headers = new AnswerHeaders();
  response.headers.forEach((value, name) => {
    headers.append(name, value);
  });
  return { status: response.status, headers, body: response.body === null ? null : await response.text() };
}

/** Sends it, unless the client has gone. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  if (body === null) {
    response.writeHead(status, headers.flat()).end();
    return;
  }
  headers.set('content-length', String(Buffer.byteLength(body)));
  response.writeHead(status, headers.flat()).end(body);
}
