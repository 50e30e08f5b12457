import type { DocumentNode, GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { OperationSlot } from '../context.ts';
import { clientOf } from './client.ts';
import { coordinatesOf } from './coordinates.ts';
import type { RecordStore } from './store.ts';

/** One run of a valid operation. */
export type Run = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly operation: OperationSlot;
  readonly headers: ReadonlyMap<string, string>;
};

export type Recorder = (run: Run) => void;

/** Names are as long as a client makes them. */
const MOST_CHARACTERS = 200;

/**
 * Notes the operations of one generation. What an operation uses is found out once for each document; after that a run costs two
 * look-ups.
 *
 * @param options.mostDocuments documents whose coordinates are remembered (default 1000); others are walked again
 */
export function createRecorder(store: RecordStore, options: { mostDocuments?: number } = {}): Recorder {
  const known = new LRUCache<string, readonly string[]>({ max: options.mostDocuments ?? 1000 });
  return ({ schema, document, operationName, operation, headers }) => {
    const { hash, name } = operation;
    const key = `${hash} ${name}`;
    let coordinates = known.get(key);
    if (coordinates === undefined) {
      coordinates = coordinatesOf(schema, document, operationName);
      known.set(key, coordinates);
    }
    store.record({ hash, name: name.slice(0, MOST_CHARACTERS), client: clientOf(headers), coordinates });
  };
}
