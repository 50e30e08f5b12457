/** What stands under `schemas/`: judged by the hashes in its headers, here or in a thread alike. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookAside } from '../../../gateway/registry/look-aside.ts';
import {
  lookAt,
  readStanding,
  readUnified,
  type StandingFacts,
  unifiedHash,
} from '../../../gateway/registry/standing.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-standing-'));
  await mkdir(join(dir, 'schemas'));
});
afterEach(() => rm(dir, { recursive: true }));

const HASH = 'a'.repeat(64);
const write = (name: string, text: string) => writeFile(join(dir, 'schemas', name), text);
const facts = (more: object = {}): StandingFacts => ({
  dir,
  sources: [{ name: 'api', hash: HASH, shaping: ['joins'], ...more }],
});

/** Writes texts that are current. */
async function writeAll(filler = ''): Promise<void> {
  const text = `# api ${HASH}\n${filler}type Query { a: Int }`;
  await write('api.graphql', text);
  await write('unified.graphql', 'type Query { a: Int }');
  const hash = await unifiedHash(facts(), new Map([['api', text]]));
  await write('unified.wired.graphql', `# unified ${hash}\n${text}`);
}

describe('what stands', () => {
  it('is nothing in an empty folder', async () => {
    expect(await lookAside(facts())).toMatchObject({
      names: new Set(),
      stale: new Set(['api']),
      hasUnified: false,
      unifiedIsCurrent: false,
      privateBytes: 0,
    });
  });
  it.each([
    ['is current', {}, [], true],
    ['has a source of another hash', { hash: 'b'.repeat(64) }, ['api'], false],
    ['has a source whose contract cannot be read', { hash: undefined }, [], true],
    ['was united with other joins', { shaping: ['others'] }, [], false],
    ['lacks a source', { name: 'other' }, ['other'], false],
  ])('%s', async (_, more, stale, unifiedIsCurrent) => {
    await writeAll();
    expect(await lookAside(facts(more))).toMatchObject({ stale: new Set(stale), unifiedIsCurrent, hasUnified: true });
  });
  it('is the same where it is so large that a thread looks', async () => {
    await writeAll(`# ${'ä'.repeat(400_000)}\n`);
    const here = await lookAt(await readStanding(facts()));
    expect(here).toMatchObject({ names: new Set(['api']), stale: new Set(), unifiedIsCurrent: true });
    expect(here.privateBytes).toBeGreaterThan(800_000);
    expect(await lookAside(facts())).toEqual(here);
    const { privateText, publicText } = await readUnified(facts());
    expect([Buffer.byteLength(privateText), publicText]).toEqual([here.privateBytes, 'type Query { a: Int }']);
  });
});
