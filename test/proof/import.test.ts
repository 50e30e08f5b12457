import { expect, it } from 'vitest';
import { largeContract } from './import/contract.ts';
import { poisons } from './import/poisons.ts';
import { proveImport } from './import.ts';
import { provePoison } from './poison.ts';

it('an import costs no request (short form of proof:import)', async () => {
  const { rounds, lost } = await proveImport({ rounds: 1, bytes: 200_000, clients: 2, quietMs: 500 });
  expect([rounds.length, lost]).toEqual([1, []]);
  expect(rounds[0]?.requests).toBeGreaterThan(10);
}, 300_000);

it('poisonous contracts are refused, each with its reason, and cost no request (short form of proof:poison)', async () => {
  const chosen = poisons.filter(({ title }) => /^(a contract at|a reference to an internal)/.test(title));
  const { figures, strayed } = await provePoison({ chosen, clients: 2 });
  expect(figures.map(({ code, lost }) => [code, lost])).toEqual([
    ['set aside', []],
    ['invalid', []],
  ]);
  expect(figures.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('is not read over the network'),
    expect.stringContaining('must not be asked: it is internal'),
  ]);
  expect(strayed).toEqual([]);
}, 300_000);

it('the large contract is the same each time, and another for each edition', () => {
  const [first, again, other] = [largeContract(50_000, 1), largeContract(50_000, 1), largeContract(50_000, 2)];
  expect([first === again, first === other, first.length >= 50_000]).toEqual([true, false, true]);
  expect(() => JSON.parse(first)).not.toThrow();
});
