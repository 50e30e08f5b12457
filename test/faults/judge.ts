/** Reads what a client is told. */
import type { Answer } from '../kit/app.ts';
import { type Fault, type Outcome, PRIVATE } from './fault.ts';

/** All of one answer to the fault's own operation. */
export function judgeOne(fault: Fault, answer: Answer): Outcome {
  return { ...judgeAnswer(answer, fault.kind !== 'mutation'), complaints: complain(answer) };
}

/** Reads an answer: `seen` and `siblings` of the outcome. */
export function judgeAnswer({ body }: Answer, withSibling = true): Omit<Outcome, 'complaints'> {
  const codes = new Set((body.errors ?? []).map(({ extensions }) => String(extensions['code'])));
  const { sibling } = (body.data ?? {}) as { sibling?: unknown };
  const siblings = !withSibling || JSON.stringify(sibling) === '[{"title":"sibling"}]';
  return { seen: codes.size === 0 ? 'answered' : [...codes].sort().join('+'), siblings };
}

function complain({ status, body }: Answer): string[] {
  return [...(status === 200 ? [] : [`the status is ${status}`]), ...complainOf(body.errors ?? [])];
}

/** What is wrong with errors that a client is told: they must not hold the upstream's words, nor its address. */
export function complainOf(errors: unknown): string[] {
  const text = JSON.stringify(errors);
  return text.includes(PRIVATE) || text.includes('127.0.0.1') ? [`the client is told ${text.slice(0, 200)}`] : [];
}
