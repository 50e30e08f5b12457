import { createServer } from 'node:http';
import { useGraphQlJit } from '@envelop/graphql-jit';
import { createYoga } from 'graphql-yoga';
import { makeFromEnv } from './dist/made.js';

const { schema, createContext, port } = await makeFromEnv();
const yoga = createYoga({
  schema,
  context: ({ request }) => createContext(request.headers.get('authorization') ?? undefined),
  plugins: [useGraphQlJit()],
  graphiql: false,
  landingPage: false,
  logging: false,
});
createServer(yoga).listen(port, '127.0.0.1');
