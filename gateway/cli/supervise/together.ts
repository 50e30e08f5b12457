/** What processes that serve side by side say and do as one, whichever of them is asked. */
import type { AdminBreakers } from '../../admin/app.ts';
import { type Readiness, readinessTogether } from '../../admin/readiness.ts';
import type { Together } from '../../app.ts';
import { type BreakerStatus, type Breakers, unitedBreakers } from '../../connect/chain/breakers.ts';
import type { Metrics } from '../../observe/metrics.ts';
import { exposeTogether } from '../../observe/metrics-together.ts';
import type { RecordStore } from '../../record/store.ts';
import { createToldRecords } from '../../record/told-records.ts';
import type { Bus } from './bus.ts';

/** Longest wait for the others, in ms: who cannot answer for so long is left out. */
const WAIT_MS = 2000;

export type JoinOptions = {
  readonly metrics: Pick<Metrics, 'values' | 'workersLost'>;
  readonly breakers: Breakers;
  readonly operations: RecordStore | undefined;
};

export type Begin = {
  /** Looks whether sources have changed. */
  refresh(reason: string): Promise<unknown>;
  /** Of this process. */
  readiness(): Readiness;
  /** Called when this process may have come to lead, or does not any more. */
  onLead(): void;
};

export type JoinedOthers = Together & {
  readonly breakers: AdminBreakers;
  readonly operations: RecordStore | undefined;
  /** Before it listens: takes up what operators hold, and hears of the others from now on. */
  begin(options: Begin): Promise<void>;
  /** It has taken a change up. Where it leads, the others look as well. */
  swapped(): void;
  /** It listens. Where the others serve something else, because the folder is not what it was, all look. */
  compare(): Promise<void>;
};

export function joinOthers(bus: Bus, { metrics, breakers, operations }: JoinOptions): JoinedOthers {
  const [values, readiness, look] = [bus.channel('metrics'), bus.channel('readiness'), bus.channel('look')];
  let own: Begin | undefined;
  let lost = bus.standing().lost;
  values.onWord(metrics.values);
  return {
    breakers: createBreakersTogether(bus, breakers),
    // Those on Redis are recorded together anyway.
    operations: operations?.adopt ? createToldRecords(operations, bus.channel('recorded')) : operations,

    async readiness(mine) {
      const { self, others, down } = bus.standing();
      const { answers } = await readiness.ask(null, WAIT_MS);
      const silent = others.filter(({ worker }) => !answers.some((each) => each.worker === worker));
      const missing = silent.map(({ worker }) => ({ worker, reason: 'It does not answer.' }));
      return readinessTogether([{ worker: self.worker, answer: mine() }, ...answers], [...down, ...missing]);
    },

    async expose() {
      const { worker } = bus.standing().self;
      const [mine, { answers }] = await Promise.all([metrics.values(), values.ask(null, WAIT_MS)]);
      const theirs = answers.map((each) => ({ worker: each.worker, values: each.answer }));
      return await exposeTogether([{ worker, values: mine }, ...theirs]);
    },

    async begin(options) {
      own = options;
      readiness.onWord(() => options.readiness());
      look.onWord((reason) => void options.refresh(reason));
      bus.onStanding((standing) => {
        if (standing.leads) metrics.workersLost.inc(standing.lost - lost);
        lost = standing.lost;
        options.onLead();
      });
      breakers.adopt(await heldByOthers(bus));
    },

    swapped() {
      if (bus.standing().leads) look.tell('another worker took a change up');
    },

    async compare() {
      const { answers } = await readiness.ask(null, WAIT_MS);
      const generation = own?.readiness().generation;
      if (answers.every(({ answer }) => answer.generation === generation)) return;
      look.tell('another worker started');
      await own?.refresh('other workers serve something else');
    },
  };
}

/** What an operator holds is held by all. */
function createBreakersTogether(bus: Bus, own: Breakers): AdminBreakers {
  const channel = bus.channel('breakers');
  channel.onWord((wish) => (wish ? own.force(wish.source, wish.operation, wish.forced) : own.list()));
  return {
    async list() {
      const { answers } = await channel.ask(null, WAIT_MS);
      return unitedBreakers([own.list(), ...answers.map(({ answer }) => answer)]);
    },
    async force(source, operation, forced) {
      const { answers } = await channel.ask({ source, operation, forced }, WAIT_MS);
      return unitedBreakers([own.force(source, operation, forced), ...answers.map(({ answer }) => answer)]);
    },
  };
}

async function heldByOthers(bus: Bus): Promise<ReturnType<Breakers['held']>> {
  const { answers } = await bus.channel('breakers').ask(null, WAIT_MS);
  const all: BreakerStatus[] = unitedBreakers(answers.map(({ answer }) => answer));
  return all.flatMap(({ source, operation, forced }) => (forced ? [{ source, operation, forced }] : []));
}
