/** Passes word between processes that serve side by side. It is the supervisor's, and knows of nothing that is said. */
import type { Word } from './messages.ts';
import type { Serving } from './seats.ts';

/** One of several workers, as it is told to the others. */
export type Place = {
  readonly worker: number;
  readonly process: Serving | undefined;
  readonly isUp: boolean;
  /** Why it is not. */
  readonly reason: string;
};

export type Switchboard = {
  /** It hears from now on what others say. */
  connect(process: Serving, worker: number): void;
  disconnect(process: Serving): void;
  pass(from: Serving, word: Word): void;
  /** Tells everybody who serves. */
  tell(places: readonly Place[], lost: number): void;
};

/** What the supervisor itself does with a word to it, and answers. */
export type Desk = (topic: string, body: unknown) => Promise<unknown>;

const DESK = 0;

export function createSwitchboard(desk: Desk): Switchboard {
  const lines = new Map<Serving, { readonly id: number; readonly worker: number }>();
  let last = DESK;
  let told: Parameters<Switchboard['tell']> = [[], 0];

  async function ask({ topic, body, asks }: Word, from: Serving): Promise<void> {
    const answer = await desk(topic, body);
    if (asks !== undefined) from.send({ kind: 'word', from: DESK, topic, answers: asks, body: answer });
  }

  function tellOne(listener: Serving): void {
    const self = lines.get(listener);
    if (!self) return;
    const [places, lost] = told;
    const up = places.filter((place) => place.isUp);
    const others = up.flatMap((place) => {
      const line = place.process !== listener && place.process && lines.get(place.process);
      return line ? [line] : [];
    });
    const down = places.filter((place) => !place.isUp).map(({ worker, reason }) => ({ worker, reason }));
    listener.send({ kind: 'standing', standing: { self, others, leads: up[0]?.process === listener, down, lost } });
  }

  return {
    connect(process, worker) {
      last += 1;
      lines.set(process, { id: last, worker });
      tellOne(process);
    },
    disconnect: (process) => void lines.delete(process),
    pass(from, word) {
      const self = lines.get(from);
      if (!self) return;
      // A word that makes no sense must not end the supervisor, and with it all others.
      if (word.to === DESK) return void ask(word, from).catch(() => undefined);
      for (const [listener, { id }] of lines) {
        const isMeant = word.to === undefined ? listener !== from : id === word.to;
        if (isMeant) listener.send({ ...word, from: self.id });
      }
    },
    tell(...now) {
      told = now;
      for (const listener of lines.keys()) tellOne(listener);
    },
  };
}
