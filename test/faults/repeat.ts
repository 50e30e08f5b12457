/** Lets a fault happen again and again in one gateway that goes on: it has to end as it did at first, and to leave nothing in memory. */
import { documentOf, type Fault, type FaultyWorld, type Outcome } from './fault.ts';
import { judgeOne } from './judge.ts';
import { type Growth, type MemoryForm, measureGrowth } from './memory.ts';
import { vary } from './vary.ts';

/** What else memory does, such as code that is compiled, is little by the operation when there are so many. */
const OPERATIONS = 120;
/** Operations under way at a time. */
const TOGETHER = 60;
/** What a failure may leave: less than the least that is made for each, its error (measured: 1,300 bytes and more). */
const BYTES = 1000;
/** Between rounds: whoever leaves a failing server alone for a while asks it again. */
const REST_MS = 120_000;

/** @param quiet waits for the upstreams to have nothing under way */
export async function repeat(
  fault: Fault,
  world: FaultyWorld,
  form: MemoryForm,
  quiet: () => Promise<number>,
): Promise<{ growth: Growth; complaints: string[] }> {
  const { failures = 1, bytes = BYTES, codes = [], ...often } = fault.memory ?? {};
  const operations = often.operations ?? form.operations ?? OPERATIONS;
  const together = often.together ?? (fault.ask ? 1 : TOGETHER);
  const bound = bytes * (form.slack ?? 1);
  const complaints = new Set<string>();
  const allowed = new Set([...fault.expected.split('+'), ...codes]);
  const asked = vary(documentOf(fault), world.schema);
  const headers = fault.headers ?? {};
  let count = 0;
  const ask = async (): Promise<Outcome> => {
    if (fault.ask) return await fault.ask(world);
    count += 1;
    const { query, variables } = asked(count);
    return judgeOne(fault, await world.app.query(query, { variables, headers }));
  };
  const round = async (): Promise<void> => {
    for (let begun = 0; begun < operations; begun += together) {
      world.advance(REST_MS);
      const outcomes = await Promise.all(Array.from({ length: Math.min(together, operations - begun) }, ask));
      for (const { seen, siblings, complaints: others } of outcomes) {
        if (!seen.split('+').every((code) => allowed.has(code))) complaints.add(`asked again it ends with ${seen}`);
        if (!siblings) complaints.add('asked again, the siblings are not answered');
        for (const complaint of others) complaints.add(`asked again: ${complaint}`);
      }
      world.app.clearLines();
      if ((await quiet()) > 0) complaints.add('asked again, requests are left');
    }
  };
  const growth = await measureGrowth(round, { ...form, failures: operations * failures, bound });
  if (growth.each > bound) complaints.add(`each failure leaves ${growth.each} bytes, more than ${bound}`);
  return { growth, complaints: [...complaints] };
}
