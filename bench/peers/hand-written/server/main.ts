import { serve } from './http.ts';
import { makeFromEnv } from './made.ts';

const { schema, createContext, port } = await makeFromEnv();
serve(schema, createContext, port);
