import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { makeFromEnv } from './dist/made.js';

const { schema, createContext, port } = await makeFromEnv();
await startStandaloneServer(new ApolloServer({ schema }), {
  listen: { host: '127.0.0.1', port },
  context: async ({ req }) => createContext(req.headers.authorization),
});
