/** Short forms for tests of configuration: a text in, its value or its printed faults out. */

import type { Loaded } from '../../../gateway/config/faults.ts';
import { formatFaults } from '../../../gateway/config/faults.ts';
import type { ParseOptions } from '../../../gateway/config/parse.ts';

type Parser<T> = (options: ParseOptions) => Loaded<T>;

export function value<T>(parser: Parser<T>, text: string, env: Record<string, string> = {}): T {
  const loaded = parser({ text, file: 'file.yaml', env });
  if (!loaded.ok) throw new Error(formatFaults(loaded.faults));
  return loaded.value;
}

export function faults<T>(parser: Parser<T>, text: string, env: Record<string, string> = {}): string[] {
  const loaded = parser({ text, file: 'file.yaml', env });
  return loaded.ok ? [] : formatFaults(loaded.faults).split('\n');
}
