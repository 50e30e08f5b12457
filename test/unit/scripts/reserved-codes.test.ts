import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { errorTable } from '../../../gateway/errors.ts';
import { findReservedCodes } from '../../../scripts/reserved-codes.ts';
import { root } from '../../repository.ts';

it('a code is reserved as long as nothing but the table names it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'codes-'));
  try {
    writeFileSync(join(folder, 'errors.ts'), "const table = { A: 'A', B: 'B', C: 'C' }; new GatewayError('B');");
    writeFileSync(join(folder, 'stage.ts'), "throw new GatewayError('A');");
    expect(await findReservedCodes(folder, ['A', 'B', 'C'])).toEqual(['C']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('no code that some test sees in an answer is called reserved', async () => {
  const reserved = await findReservedCodes(join(root, 'gateway'), Object.keys(errorTable));
  for (const code of ['LIMIT_COST', 'LIMIT_CALLS', 'UNAUTHENTICATED', 'FORBIDDEN'])
    expect(reserved).not.toContain(code);
});
