import { join } from 'node:path';
import type { Upstream } from '../lib/child.ts';
import { type Gateway, type Question, startGateway } from './gateway.ts';
import { type Effort, type Growth, measureGrowth } from './measure.ts';
import { createJoinedSources, createSources, makeProject } from './projects.ts';
import { createPartner, createRows, createThing } from './rows.ts';

/** What is made ten times as large, and how much dearer a request may become. */
export type Figure = Growth & { name: string; isWithin: boolean; bound: string };

const OPERATIONS = 10;
/** How often both sides are asked other documents first: as often where they are many as where they are few. */
const ASKED_BEFORE = 2000;

/** Measures what a request costs as sources, known operations and rows grow tenfold, one after the other. */
export async function* measureCosts(folder: string, upstream: Upstream, effort: Effort): AsyncGenerator<Figure> {
  const port = upstream.ports['growth'] ?? 0;
  const [few, many, joined] = ['few', 'many', 'joined'].map((name) => join(folder, name)) as [string, string, string];
  await makeProject(few, createSources(5, OPERATIONS), port, true);
  await makeProject(many, createSources(50, OPERATIONS), port, true);
  await makeProject(joined, createJoinedSources(), port, true);

  const hot = askThing('hot', '7');
  {
    await using small = await startGateway(few, hot);
    await using large = await startGateway(many, hot);
    const growth = await measureGrowth(side(small, hot, 1), side(large, hot, 1), upstream, effort);
    yield { name: '10x sources (5, 50)', ...growth, isWithin: growth.ratio < 1.1, bound: '< 1.1' };
  }
  {
    await using small = await startGateway(few, hot);
    await using large = await startGateway(few, hot);
    await askBefore(small, 100);
    await askBefore(large, 1000);
    const growth = await measureGrowth(side(small, hot, 1), side(large, hot, 1), upstream, effort);
    yield { name: '10x operations (100, 1000)', ...growth, isWithin: growth.ratio < 1.1, bound: '< 1.1' };
  }
  {
    const [short, long] = [askRows(100), askRows(1000)];
    await using gateway = await startGateway(joined, short);
    const growth = await measureGrowth(side(gateway, short, 2), side(gateway, long, 2), upstream, effort);
    yield { name: '10x rows (100, 1000)', ...growth, isWithin: growth.ratio <= 10.5, bound: '<= 10.5' };
  }
}

function side(gateway: Gateway, question: Question, calls: number) {
  return { gateway, question, calls };
}

/** One thing of the first source under a name of its own: a document as no other name makes it. */
export function askThing(alias: string, id: string): Question {
  const { name, state } = createThing(id);
  return { query: `{ ${alias}: s0Read0(id: "${id}") { id name state } }`, expected: { [alias]: { id, name, state } } };
}

/** So many rows, and the partner of each. */
export function askRows(count: number): Question {
  const rows = createRows(count).map(({ id, title, partnerId }) => ({ id, title, partner: createPartner(partnerId) }));
  return { query: `{ rows(count: ${count}) { id title partner { id name } } }`, expected: { rows } };
}

async function askBefore(gateway: Gateway, documents: number): Promise<void> {
  for (let index = 0; index < ASKED_BEFORE; index += 1) await gateway.check(askThing(`a${index % documents}`, '7'));
}
