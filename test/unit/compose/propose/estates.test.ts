/**
 * Estates of services in which names mean different things, and keys of one name have other forms.
 * A file of `estates/` holds sources, the joins that are right, and those that are right and not found; whatever else is proposed is wrong.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Given, propose, shown } from './kit.ts';

type Estate = { sources: Record<string, Given>; right: string[]; missed: string[] };

const folder = new URL('estates/', import.meta.url);
const estates = readdirSync(folder).map((file): [string, Estate] => [
  file.replace('.yaml', ''),
  parse(readFileSync(new URL(file, folder), 'utf8')) as Estate,
]);

it.each(estates)('%s: all that is proposed is right', (_name, { sources, right }) => {
  expect(shown(propose(sources))).toEqual([...right].sort());
});

it.each(estates)('%s: the same is proposed whichever source comes last', (_name, { sources, right }) => {
  const names = Object.keys(sources);
  const found = names.flatMap((name) => shown(propose(sources, name)));
  expect([...new Set(found)].sort()).toEqual([...right].sort());
});

it('most of what a person would join is found', () => {
  const count = (of: 'right' | 'missed'): number => estates.reduce((sum, [, estate]) => sum + estate[of].length, 0);
  expect(count('right') / (count('right') + count('missed'))).toBeGreaterThan(0.8);
});
