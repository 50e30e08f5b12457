import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policySchema } from '../../../../gateway/config/policy.ts';
import type { Impact } from '../../../../gateway/registry/impact.ts';
import { heldEntry, nextVersion, servedEntry, withdrawnEntry } from '../../../../gateway/registry/registrar/entries.ts';
import { judge } from '../../../../gateway/registry/registrar/gate.ts';
import { checkRights } from '../../../../gateway/registry/registrar/rights.ts';
import { checkPath } from '../../../../gateway/registry/registrar/upload.ts';
import { checkUploadedPolicy } from '../../../../gateway/registry/registrar/uploaded-policy.ts';
import type { RegistryEntry } from '../../../../gateway/registry/store/store.ts';

function impactWith(breaking: number, broken: number): Impact {
  return { counts: { breaking, dangerous: 0, safe: 0 }, changes: [], broken: { count: broken, first: [] } };
}

describe('whether a change is made', () => {
  const [none, unused, used] = [impactWith(0, 0), impactWith(2, 0), impactWith(2, 1)];
  const force = { force: true, reason: 'the old field never worked' };

  it.each([
    ['breaks nothing', {}, none, true, undefined, { applied: true }],
    ['breaks what nobody uses', {}, unused, true, undefined, { applied: true }],
    ['breaks what is used, is forced and says why', force, used, true, undefined, { applied: true, forced: true }],
    ['is asked to wait', { hold: true }, none, true, undefined, { applied: false, held: 'held on request' }],
    ['is safe and may be taken up by itself', {}, none, true, 'safe', { applied: true }],
    [
      'breaks something and only safe ones may',
      {},
      unused,
      true,
      'safe',
      { applied: false, held: '2 breaking changes, and contract.apply is safe' },
    ],
    ['breaks something and all may', {}, used, true, 'all', { applied: true }],
    ['comes by itself where none may', {}, none, true, 'manual', { applied: false, held: 'contract.apply is manual' }],
  ] as const)('one that %s', (_title, manner, impact, isUsageKnown, apply, verdict) => {
    expect(judge(manner, { impact, isUsageKnown, ...(apply ? { apply } : {}) })).toEqual(verdict);
  });

  it.each([
    [
      'breaks what is used',
      {},
      used,
      true,
      /2 breaking changes that 1 recorded operation uses\. Keep what was removed/,
    ],
    [
      'breaks something while nobody knows who uses what',
      {},
      unused,
      false,
      /which operations are in use is not recorded/,
    ],
    ['is forced without a reason', { force: true }, used, true, /Say why \(reason\)/],
    ['is forced with an empty reason', { force: true, reason: '  ' }, used, true, /Say why/],
  ])('is refused when it %s', (_title, manner, impact, isUsageKnown, message) => {
    expect(() => judge(manner, { impact, isUsageKnown })).toThrow(message);
  });

  it('is refused when the import scores too little', () => {
    const report = { score: 80 } as never;
    expect(() => judge({ failUnder: 95 }, { report, isUsageKnown: true })).toThrow('scores 80, which is under 95');
    expect(judge({ failUnder: 80 }, { report, isUsageKnown: true })).toEqual({ applied: true });
  });
});

describe('rights', () => {
  const team = { name: 'ci', owners: ['team-a'] };

  it('are those of the owner before and after the change', () => {
    expect(() => checkRights(team, 'orders', ['team-a', 'team-a'])).not.toThrow();
    expect(() => checkRights(team, 'orders', ['team-b', 'team-a'])).toThrow(
      'orders belongs to team-b; ci changes sources of team-a.',
    );
    expect(() => checkRights(team, 'orders', ['team-a', 'team-b'])).toThrow('belongs to team-b');
    expect(() => checkRights(team, 'orders', [undefined])).toThrow('orders has no owner: name yours in its policy');
    expect(() => checkRights({ name: 'root', owners: ['*'] }, 'orders', ['team-b', undefined])).not.toThrow();
  });
});

describe('paths of uploaded files', () => {
  it.each(['openapi.yaml', 'a/b/c.proto', 'a b (1).json', 'google/api/http.proto'])('%s stands below', (path) => {
    expect(checkPath(path)).toBe(path);
  });

  it.each([
    '',
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a//b',
    './a',
    'a/.git/config',
    '.env',
    'a\\..\\b',
    'a\0b',
    'x'.repeat(501),
  ])('%j is refused', (path) => {
    expect(() => checkPath(path)).toThrow(/no path of a file/);
  });

  it('never leads out, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('..', '.', 'a', '/', '\\', '~', ' '), { maxLength: 8 }), (parts) => {
        const path = parts.join('');
        try {
          expect(checkPath(path)).not.toMatch(/(^|\/)\.\.?(\/|$)|^\/|\\/);
        } catch (error) {
          expect((error as Error).message).toMatch(/no path of a file/);
        }
      }),
    );
  });
});

describe('uploaded policies', () => {
  const files = new Map([['ca.pem', Buffer.from('x')]]);
  const policy = (value: unknown) => policySchema.parse(value);
  const team = { name: 'ci', owners: ['team-a'] };

  it('leave internal hosts to the operator', () => {
    const wish = policy({ endpoints: { allowInternal: ['169.254.169.254'] } });
    expect(() => checkUploadedPolicy(team, wish, files)).toThrow('is the operator’s to say');
    expect(() => checkUploadedPolicy({ name: 'root', owners: ['*'] }, wish, files)).not.toThrow();
  });

  it('name certificates of their own folder only', () => {
    expect(() => checkUploadedPolicy(team, policy({ tls: { caFile: './ca.pem' } }), files)).not.toThrow();
    expect(() => checkUploadedPolicy(team, policy({ tls: { caFile: '/etc/ssl/key.pem' } }), files)).toThrow();
    expect(() => checkUploadedPolicy(team, policy({ tls: { caFile: '../other/ca.pem' } }), files)).toThrow();
    expect(() => checkUploadedPolicy(team, policy({ tls: { caFile: 'none.pem' } }), files)).toThrow(
      /not among the files/,
    );
  });
});

describe('what the registry knows of a source', () => {
  const facts = { bundle: 'x', at: 1, by: 'ci', owner: 'team-a', overTree: undefined };

  it('gives no version twice, whatever happens', () => {
    const steps = fc.array(fc.constantFrom('serve', 'hold', 'promote', 'back', 'withdraw'), { maxLength: 40 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (changes, keep) => {
        const given = new Set<number>();
        let entry: RegistryEntry | undefined;
        for (const change of changes) {
          const fresh = nextVersion(entry);
          if (change === 'serve' || change === 'hold') {
            expect(given).not.toContain(fresh);
            given.add(fresh);
          }
          if (change === 'serve') entry = servedEntry(entry, { ...facts, version: fresh }, keep);
          if (change === 'hold') entry = heldEntry(entry, { ...facts, version: fresh }, 'why');
          if (change === 'promote' && entry?.held)
            entry = servedEntry(entry, { ...facts, version: entry.held.version }, keep);
          const [earlier] = entry?.versions ?? [];
          if (change === 'back' && earlier) entry = servedEntry(entry, { ...facts, version: earlier.version }, keep);
          if (change === 'withdraw' && entry) entry = withdrawnEntry(entry, { overTree: 'A' });
          expect(entry?.versions.length ?? 0).toBeLessThanOrEqual(keep);
        }
      }),
    );
  });

  it('keeps who made a version, and when, whoever goes back to it or promotes it', () => {
    const by = (who: string, at: number, version: number) => ({
      ...facts,
      bundle: `b${version}`,
      by: who,
      at,
      version,
    });
    const first = servedEntry(undefined, { ...by('ann', 1, 1), isVouched: true }, 5);
    const second = servedEntry(first, by('bob', 2, 2), 5);
    const back = servedEntry(second, { ...by('cat', 3, 1), bundle: 'built anew' }, 5);
    expect(back).toMatchObject({ version: 1, bundle: 'built anew' });
    expect(back.versions).toEqual([
      { version: 2, bundle: 'b2', at: 2, by: 'bob' },
      { version: 1, bundle: 'built anew', at: 1, by: 'ann', isVouched: true },
    ]);
    const held = heldEntry(back, by('dan', 4, 3), 'why');
    expect(held.held).toEqual({ version: 3, bundle: 'b3', at: 4, by: 'dan', reason: 'why' });
    const record = { version: 3, bundle: 'b3', at: 4, by: 'dan' };
    expect(servedEntry(held, by('eve', 5, 3), 5).versions.at(-1)).toEqual(record);
    // What an older gateway put aside does not say by whom.
    const { by: _by, ...old } = held.held ?? { bundle: '', version: 3, at: 4, reason: '' };
    expect(servedEntry({ ...held, held: old }, by('eve', 5, 3), 5).versions.at(-1)).toMatchObject({ by: 'eve', at: 5 });
  });

  it('keeps a state that somebody gave it, and comes back active after it was taken out', () => {
    const first = {
      ...servedEntry(undefined, { ...facts, version: 1 }, 5),
      state: 'deprecated' as const,
      stateReason: 'old',
    };
    expect(servedEntry(first, { ...facts, version: 2 }, 5)).toMatchObject({
      state: 'deprecated',
      stateReason: 'old',
      version: 2,
    });
    const gone = withdrawnEntry(first, { overTree: undefined });
    expect(servedEntry(gone, { ...facts, version: 3 }, 5)).toMatchObject({ state: 'active', version: 3 });
    expect(servedEntry(gone, { ...facts, version: 3 }, 5)).not.toHaveProperty('stateReason');
  });
});
