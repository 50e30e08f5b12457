import type { GatewayConfig } from '../../config/schema.ts';
import { revealed } from '../../config/secret.ts';
import { sha256 } from '../../lib/hash.ts';
import { stableStringify } from '../../lib/json.ts';

/** What tells one gateway.yaml from another: a process that takes over must not bring settings along that nobody started. */
export function settingsId(config: GatewayConfig): string {
  return sha256([stableStringify(revealed(config))]);
}
