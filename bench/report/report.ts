import type { Operation } from '../load/request.ts';
import type { Plan } from '../plan.ts';
import type { Startup } from '../session.ts';
import type { Machine } from './machine.ts';
import type { Row } from './summary.ts';

/** What the report says about a server under test; the sentences are the peer's own. */
export type Server = { name: string; note: string; command: string; versions: Readonly<Record<string, string>> };

/** A whole run: what `report.json` holds and `report.md` shows. */
export type Report = {
  measuredAt: string;
  command: string;
  quick: boolean;
  reference: string;
  machine: Machine;
  plan: Plan;
  servers: readonly Server[];
  operations: Readonly<Record<string, Operation>>;
  startups: readonly Startup[];
  rows: readonly Row[];
  problems: readonly string[];
};
