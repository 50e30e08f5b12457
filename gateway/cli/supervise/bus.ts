/** Word between processes that serve side by side, from inside one of them. */
import type { Answers, Channel } from '../../lib/channel.ts';
import type { Parent } from '../io.ts';
import type { FromServing, Standing, ToServing, Word } from './messages.ts';
import type { Topics } from './topics.ts';

export type Bus = {
  /** Each topic has one channel. */
  channel<Name extends keyof Topics>(topic: Name): Topics[Name];
  /** The supervisor, which is always there. */
  readonly desk: DeskLine;
  /** Who serves beside this process. */
  standing(): Standing;
  /** Called with every change. */
  onStanding(listener: (standing: Standing) => void): void;
};

export type DeskLine = {
  ask(topic: string, body: unknown): Promise<unknown>;
  /** Nobody waits. What is said first is done first. */
  tell(topic: string, body: unknown): void;
};

export type BusOptions = {
  readonly parent: Parent;
  /** Calls back after so many ms, until the returned function is called. */
  readonly after: (ms: number, then: () => void) => () => void;
};

/** A question that waits for answers. */
type Question = { hear(from: number, answer: unknown): void; look(present: ReadonlySet<number>): void };

const DESK = 0;
const ALONE: Standing = { self: { id: -1, worker: 1 }, others: [], leads: false, down: [], lost: 0 };

export function openBus({ parent, after }: BusOptions): Bus {
  const doing = new Map<string, (body: unknown) => unknown>();
  const questions = new Map<number, Question>();
  const listeners = new Set<(standing: Standing) => void>();
  let standing = ALONE;
  let last = 0;
  const send = (word: Omit<Word, 'kind'>): void => parent.send({ kind: 'word', ...word } satisfies FromServing);

  async function answer({ from, topic, body, asks }: Word & { readonly from: number }): Promise<void> {
    const does = doing.get(topic);
    if (!does) return;
    const said = does(body);
    if (asks !== undefined) send({ topic, to: from, answers: asks, body: await said });
  }

  function askAll(topic: string, body: unknown, limitMs: number): Promise<Answers<unknown>> {
    const missing = new Map(standing.others.map(({ id, worker }) => [id, worker]));
    if (missing.size === 0) return Promise.resolve({ answers: [], isWhole: true });
    last += 1;
    const asks = last;
    const answers: { worker: number; answer: unknown }[] = [];
    return new Promise((resolve) => {
      const end = (): void => {
        stopTimer();
        questions.delete(asks);
        resolve({ answers, isWhole: missing.size === 0 });
      };
      const stopTimer = after(limitMs, end);
      questions.set(asks, {
        hear(from, said) {
          const worker = missing.get(from);
          if (worker === undefined) return;
          missing.delete(from);
          answers.push({ worker, answer: said });
          if (missing.size === 0) end();
        },
        look(present) {
          // Who is gone knows nothing that could be old.
          for (const id of missing.keys()) if (!present.has(id)) missing.delete(id);
          if (missing.size === 0) end();
        },
      });
      send({ topic, body, asks });
    });
  }

  parent.onMessage((heard) => {
    const message = heard as ToServing;
    if (message.kind === 'standing') {
      standing = message.standing;
      const present = new Set(standing.others.map(({ id }) => id));
      for (const question of questions.values()) question.look(present);
      for (const listener of listeners) listener(standing);
    } else if (message.kind === 'word') {
      if (message.answers === undefined) answer(message).catch(() => undefined);
      else questions.get(message.answers)?.hear(message.from, message.body);
    }
  });

  return {
    channel(topic) {
      const channel: Channel<unknown, unknown> = {
        tell: (body) => send({ topic, body }),
        ask: (body, limitMs) => askAll(topic, body, limitMs),
        onWord: (does) => void doing.set(topic, does),
      };
      return channel as Topics[typeof topic];
    },
    desk: {
      ask(topic, body) {
        last += 1;
        const asks = last;
        return new Promise((resolve) => {
          const hear = (_from: number, said: unknown): void => {
            questions.delete(asks);
            resolve(said);
          };
          questions.set(asks, { hear, look: () => undefined });
          send({ topic, to: DESK, body, asks });
        });
      },
      tell: (topic, body) => send({ topic, to: DESK, body }),
    },
    standing: () => standing,
    onStanding: (listener) => void listeners.add(listener),
  };
}
