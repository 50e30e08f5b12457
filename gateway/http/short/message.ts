/** Request and answer of the short way: no more of what hooks know of either than they use. */
import type { ServerResponse } from 'node:http';

/** Header fields of an answer, by lower-case name. */
export class AnswerHeaders {
  readonly #fields = new Map<string, string>();
  readonly #cookies: string[] = [];

  get(name: string): string | null {
    return (name === 'set-cookie' ? this.#cookies.join(', ') : this.#fields.get(name)) || null;
  }
  has(name: string): boolean {
    return name === 'set-cookie' ? this.#cookies.length > 0 : this.#fields.has(name);
  }
  set(name: string, value: string): void {
    if (name !== 'set-cookie') this.#fields.set(name, value.trim());
    else this.#cookies.splice(0, Number.POSITIVE_INFINITY, value.trim());
  }
  append(name: string, value: string): void {
    const known = this.#fields.get(name);
    if (name === 'set-cookie') this.#cookies.push(value.trim());
    else this.#fields.set(name, known === undefined ? value.trim() : `${known}, ${value.trim()}`);
  }
  delete(name: string): void {
    if (name === 'set-cookie') this.#cookies.length = 0;
    else this.#fields.delete(name);
  }
  /** Names and values in turn. */
  flat(): string[] {
    return [...[...this.#fields].flat(), ...this.#cookies.flatMap((value) => ['set-cookie', value])];
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
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  headers.set('content-length', String(bytes.length));
  response.writeHead(status, headers.flat()).end(bytes);
}
