import {
  type DocumentNode,
  type GraphQLSchema,
  getNullableType,
  getVariableValues,
  isLeafType,
  isListType,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from '../../context.ts';
import { type DocumentParts, readDocument } from '../document.ts';
import { createMasks } from '../mask.ts';
import type { Model } from '../model.ts';
import type { Perform } from '../perform.ts';
import type { Plan } from '../plan.ts';
import type { Planner } from '../planner.ts';
import { createSelections } from '../selection.ts';
import type { OpenUpstream } from '../stream.ts';
import { createTexts } from './again.ts';
import { createBatchLoader } from './batch.ts';
import { createIntrospect, type Introspect } from './introspection.ts';
import { compileProgram, type Program, type SharedSite } from './program.ts';
import { createRefuse, type Refusal } from './refusals.ts';
import { runProgram } from './run.ts';
import type { Written } from './words.ts';

/** What a generation executes with; both engines have the same. */
export type ExecutionParts = {
  readonly model: Model;
  readonly planner: Planner;
  readonly perform: Perform;
  readonly openUpstream: OpenUpstream;
  /** Whether all resolvers of the schema are ours, so that a plan says all about it. */
  readonly hasOwnResolvers: () => boolean;
};

export type CompiledRequest = {
  /** Validated. */
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  /** As the client sent them. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** The request's own slots; the run notes there what it does. */
  readonly context: RequestContext;
  /** As clients see it, for questions about it. */
  readonly schema: GraphQLSchema;
};

export type Refused = { readonly refused: Refusal };

/**
 * Runs one operation by its program: at once where nothing has to be asked for.
 *
 * @returns the JSON of its data with all errors, or why the reference executor has to run it; nothing was asked then
 */
export type ExecuteCompiled = (request: CompiledRequest) => Written | Promise<Written> | Refused;

export type CompileOptions = {
  /** Most programs that are kept; those not used for longest go first. */
  readonly programs: number;
  /** How often an operation is refused as `new` before it is compiled, unless it pays at once. */
  readonly compileAfter: number;
  /** Most memory of what programs wrote, in bytes: none without it. */
  readonly textBytes?: number;
};

export function createExecuteCompiled(
  parts: ExecutionParts,
  { programs: maxPrograms, compileAfter, textBytes = 0 }: CompileOptions,
): ExecuteCompiled {
  const { model, planner, hasOwnResolvers } = parts;
  const shared: SharedSite = {
    ...parts,
    selections: createSelections(model),
    masks: createMasks(model),
    createLoader: createBatchLoader,
  };
  // A plan stands for a document, an operation of it, and the way its @skip and @include come out.
  const programs = new LRUCache<Plan, Compiled>({ max: maxPrograms });
  const openTexts = createTexts(textBytes);
  const refusedBefore = new WeakMap<Plan, number>();
  const refusals = new WeakMap<DocumentNode, { readonly reason: Refusal | undefined }>();
  // Where all was decided before anything is called, and nothing is denied, there is nothing left to ask.
  const isGuarded = !model.requirements.isEmpty;
  const refuse = createRefuse(model.schema, hasOwnResolvers);

  function refusalOf(document: DocumentNode): Refusal | undefined {
    let known = refusals.get(document);
    if (!known) {
      known = { reason: refuse(document) };
      refusals.set(document, known);
    }
    return known.reason;
  }

  function isNew(plan: Plan): boolean {
    const times = refusedBefore.get(plan) ?? 0;
    if (times >= compileAfter || paysAtOnce(plan)) return false;
    refusedBefore.set(plan, times + 1);
    return true;
  }

  function compile(plan: Plan, fragments: DocumentParts['fragments']): Compiled | undefined {
    let compiled = programs.get(plan);
    if (!compiled) {
      if (isNew(plan)) return undefined;
      const program = compileProgram(shared, plan, openTexts);
      compiled = { program, introspect: createIntrospect(program, fragments) };
      programs.set(plan, compiled);
    }
    return compiled;
  }

  return ({ document, operationName, variables, context, schema }) => {
    const refused = refusalOf(document);
    if (refused) return { refused };
    const { operations, fragments } = readDocument(document);
    if (isGuarded && context.grants?.isShared !== true) return { refused: 'guarded' };
    if (schema.getQueryType() !== model.schema.getQueryType()) return { refused: 'resolvers' };
    const operation = operationOf(operations, operationName);
    if (!operation || operation.operation === 'subscription') return { refused: 'request' };
    const sent = variables ?? {};
    const values = valuesOf(model.schema, operation, sent);
    if (!values) return { refused: 'request' };
    const compiled = compile(planner({ operation, fragments, variables: values }), fragments);
    if (!compiled) return { refused: 'new' };
    const { program, introspect } = compiled;
    return runProgram(program, { context, variables: values, introspect: () => introspect(schema, sent) });
  };
}

/** Whether one run of a program saves more than its making costs: where there are many values of the same form. */
function paysAtOnce({ roots }: Plan): boolean {
  for (const { field, of } of roots.values()) {
    if (isListType(getNullableType(field.type)) && !isLeafType(of)) return true;
  }
  return false;
}

type Compiled = { program: Program; introspect: Introspect };

function operationOf(
  operations: readonly OperationDefinitionNode[],
  name: string | null | undefined,
): OperationDefinitionNode | undefined {
  if (name !== null && name !== undefined) return operations.findLast((each) => each.name?.value === name);
  return operations.length === 1 ? operations[0] : undefined;
}

/** Undefined when a value does not fit: whoever answers that request says why. */
function valuesOf(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  sent: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  return variableDefinitions.length === 0 ? {} : getVariableValues(schema, variableDefinitions, sent).coerced;
}
