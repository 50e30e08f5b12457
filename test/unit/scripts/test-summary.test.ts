import { describe, expect, it } from 'vitest';
import { summarize } from '../../../scripts/test-summary.ts';

const report = {
  success: true,
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [{ status: 'passed', assertionResults: [{}] }],
};

describe('the last line of a CI run', () => {
  it('counts passed, failed and skipped', () => {
    expect(summarize(JSON.stringify(report))).toEqual({ line: '7 passed, 0 failed, 2 skipped', ok: true });
    const failing = JSON.stringify({ ...report, success: false, numFailedTests: 3 });
    expect(summarize(failing)).toEqual({ line: '7 passed, 3 failed, 2 skipped', ok: false });
  });

  it('counts a file that could not be loaded', () => {
    const unloaded = { ...report, success: false, testResults: [{ status: 'failed', assertionResults: [] }] };
    expect(summarize(JSON.stringify(unloaded))).toEqual({ line: '7 passed, 1 failed, 2 skipped', ok: false });
  });

  it('counts an error outside of any test', () => {
    expect(summarize(JSON.stringify({ ...report, success: false }))).toEqual({
      line: '7 passed, 1 failed, 2 skipped',
      ok: false,
    });
  });

  it.each([undefined, '', '{', '{}'])('never says that all is well without a report: %j', (text) => {
    expect(summarize(text)).toEqual({ line: '0 passed, 1 failed, 0 skipped', ok: false });
  });
});
