#!/usr/bin/env node
// In a checkout the TypeScript itself runs (tsx is a development dependency); where only the build is installed, the build.
import { existsSync } from 'node:fs';

// Libraries check themselves at every step unless they are told that this is no development of theirs.
process.env.NODE_ENV ??= 'production';

const source = new URL('../gateway/main.ts', import.meta.url);
const built = new URL('../dist/tributary.js', import.meta.url);

async function findTsx() {
  if (!existsSync(source)) return undefined;
  try {
    return await import('tsx/esm/api');
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

const tsx = await findTsx();
if (tsx !== undefined) {
  tsx.register();
  await import(source.href);
} else if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write('tributary: neither tsx nor a build is here: run `npm ci`, or `npm run build`.\n');
  process.exitCode = 70;
}
