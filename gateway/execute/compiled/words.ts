/** The words of the compiled executor: what programs are made of, and what one run holds. */
import type { GraphQLError } from 'graphql';
import type { RequestContext } from '../../context.ts';
import type { Execution } from '../execution.ts';
import type { PlanNode } from '../plan.ts';
import type { Piece } from '../selection.ts';

/** Where values stand in the answer, and what has to be known when one cannot stand there. */
export type Place = {
  readonly node: PlanNode;
  /** Response keys from the root, and the numbers of the registers that hold positions in lists. */
  readonly trail: readonly (string | number)[];
  readonly isNullable: boolean;
  /** Of leaves: gives the value its form in the answer, or throws. */
  serialize(value: unknown): unknown;
};

/** What a value needs when it is written, gathered before: cells of joins, in lists and pairs as they lie in the value. */
export type Frame = unknown;

/** Writes a value as JSON. Undefined stands for a value that cannot be, so that what holds it is null; the error is noted then. */
export type Write = (value: never, frame: Frame, run: Run) => string | undefined;

/**
 * Asks for all that joins below a value need. Leaves the run `hasFailed` where the value cannot be, and `isLater` where that, or what
 * it is, shows when something asked for is there.
 */
export type Gather = (value: never, run: Run) => Frame;

/** How values of one object type are written, at one place of the operation. */
export type Unit = {
  readonly write: Write;
  /** Undefined where nothing below has to be asked for. */
  readonly gather: Gather | undefined;
};

/** What one key of a batch found: rows, or why there are none; undefined while it is not known. */
export type Found = { rows: readonly unknown[] | Error | undefined; readonly waiting: Waiter[] };
/** Who is told when a key is found. */
export type Waiter = Cell | (() => void);

/** Keys that are asked for together, turn by turn: what one group asks with the same arguments. */
export type Batch = {
  ask(key: readonly unknown[], piece: Piece | undefined, waiter: Waiter): Found;
  /** Everything that was asked for, in that order, by what is the same for equal keys. */
  founds(): Iterable<readonly [key: string, found: Found]>;
};

/** The value of a join for all parents that have the same key. */
export type Cell = {
  readonly join: Join;
  value: unknown;
  frame: Frame;
  /** Its JSON, once it was written without an error. */
  text: string | undefined;
  founds: readonly Found[];
  /** How many of them are not known yet. */
  open: number;
};

/** A join at one place of the operation. */
export type Join = {
  /** The cell for a parent: there may be nothing in it yet. */
  ask(parent: unknown, run: Run): Cell;
  /** Told for each of a cell's keys that was found. */
  settle(cell: Cell, run: Run): void;
  /** Of its values; set by the program it is part of. */
  gather: Gather | undefined;
};

/** Arguments of a field: the same for all runs, or made anew by each. An error stands for values that its types do not take. */
export type Arguments = {
  readonly number: number;
  readonly node: PlanNode;
  readonly fixed: ArgumentValues | undefined;
};
export type ArgumentValues = Readonly<Record<string, unknown>> | Error;

/** What one join holds during one run. */
export type JoinState = {
  readonly cells: Map<string | number, Cell>;
  readonly empty: Cell;
  /** What all its parents ask with; undefined where each has arguments of its own. */
  readonly sent: Readonly<Record<string, unknown>> | undefined;
  batch: Batch | undefined;
};

/** One run of a program. Writing is done in one go, so that one set of registers is enough. */
export type Run = Execution & {
  readonly context: RequestContext;
  readonly errors: GraphQLError[];
  /** Positions in lists, by number of the register. */
  readonly at: number[];
  hasFailed: boolean;
  isLater: boolean;
  /** By number of the join, and of the arguments. */
  readonly joins: JoinState[];
  readonly args: ArgumentValues[];
  /** Something that is waited for, and its end. */
  open(): void;
  close(): void;
  /** Ends the run with what nobody expected. */
  crash(error: unknown): void;
};

/** What a run comes to: the JSON of `data`, and all errors. */
export type Written = {
  readonly text: string;
  readonly errors: readonly GraphQLError[];
  /** The same as a body, once somebody has sent it. */
  readonly body: { bytes: Buffer | undefined; isAsked: boolean };
};
