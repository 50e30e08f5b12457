import Fastify from 'fastify';
import mercurius from 'mercurius';
import { makeFromEnv } from './dist/made.js';

const { schema, createContext, port } = await makeFromEnv();
const app = Fastify();
await app.register(mercurius, {
  schema,
  jit: 1,
  context: (request) => createContext(request.headers.authorization),
});
await app.listen({ host: '127.0.0.1', port });
