/**
 * The map of the house: every stage a request passes, in order. A stage is a plain function over the request context in a folder of
 * its own; what stands here are the thin plugins that call it. Each writes its own slots of `context.ts` and reads those before it.
 */
import type { GraphQLSchema } from 'graphql';
import type { Plugin, YogaServerInstance } from 'graphql-yoga';
import { createYoga } from 'graphql-yoga';
import type { GatewayConfig } from './config/schema.ts';
import { useHttp } from './http/index.ts';
import { graphqlPath } from './http/route.ts';
import { useIdentify } from './identify/index.ts';
import type { Events } from './observe/events.ts';
import { useRespond } from './respond/index.ts';
import { useValidate } from './validate/index.ts';

export type PipelineOptions = {
  readonly generation: { readonly id: string; readonly schema: GraphQLSchema };
  readonly config: GatewayConfig;
  readonly events: Events;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomId: () => string;
};

export type Stage = { readonly name: string; readonly plugin: Plugin };
export type Instance = YogaServerInstance<object, object>;

/** All stages for one generation, in the order of a request. */
export function createPipeline({ generation, config, events, now, randomId }: PipelineOptions): Stage[] {
  const stages = [
    // Routes; request id, deadline, signal, headers, peer; body and time within bounds; may end with 400 408 413 415.
    { name: 'http', plugin: useHttp({ schema: generation.schema, config, now, randomId }) },
    // Who asks. Everybody is anonymous.
    { name: 'identify', plugin: useIdentify() },
    // Which operation it is: kind, name, hash. Parsing and validating are Yoga's own, with its cache of documents.
    { name: 'validate', plugin: useValidate() },
    // Here the engine executes: Yoga's executor over the resolvers of the generation, which read the request context.
    // Errors get their public form, headers are set, and one line per operation is reported.
    { name: 'respond', plugin: useRespond({ generation: generation.id, events, now }) },
  ];
  // The slots are the context: the stage that comes first makes them, so no plugin asks for them from outside.
  return stages as unknown as Stage[];
}

/** One Yoga for one generation: what it would do beside our stages is switched off. */
export function createInstance(schema: GraphQLSchema, stages: readonly Stage[]): Instance {
  return createYoga({
    schema,
    graphqlEndpoint: graphqlPath,
    plugins: stages.map(({ plugin }) => plugin),
    // Another site gets neither answers nor preflights.
    cors: false,
    // The http stage routes, shows GraphiQL and bounds bodies; the respond stage masks and reports.
    graphiql: false,
    // Health is the admin port's; the check cannot be left out, but no URL ends like this.
    healthCheckEndpoint: ' ',
    landingPage: false,
    maxRequestBodySize: false,
    multipart: false,
    batching: false,
    maskedErrors: false,
    logging: false,
  }) as Instance;
}
