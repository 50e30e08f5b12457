import { z } from 'zod';

/** The longest delay somebody may ask for. */
export const MAX_DELAY_MS = 60_000;

/** A call that hangs is let go after this time, so that a forgotten one does not stay forever. */
export const HANG_LIMIT_MS = 120_000;

/** How an operation misbehaves: wait `delayMs`, then do `fault`, for the next `times` calls (all of them when left out). */
export type FaultSetting = { delayMs?: number | undefined; fault?: string | undefined; times?: number | undefined };

/** What one call has to suffer. */
export type Plan<Fault> = { delayMs: number; fault: Fault | undefined };

/** Settings of misbehaviour by operation. */
export type Faults = {
  /** Sets how an operation misbehaves. Throws a FaultSettingError for an unknown operation or a setting that means nothing. */
  set(operation: string, setting: FaultSetting): void;
  list(): Readonly<Record<string, FaultSetting>>;
  clear(): void;
};

/** A setting that cannot be understood; the message says which part and what would do. */
export class FaultSettingError extends Error {
  override readonly name = 'FaultSettingError';
}

const settingSchema = z.strictObject({
  delayMs: z.int().min(0).max(MAX_DELAY_MS).optional(),
  fault: z.string().max(100).optional(),
  times: z.int().min(1).max(1_000_000).optional(),
});

/**
 * Makes the settings of one server.
 *
 * @param operations the names of the contract's operations
 * @param parseFault turns the text of a fault into what the server can do, undefined when it means nothing
 * @param kinds the texts it understands, for messages
 */
export function createFaults<Fault>(
  operations: readonly string[],
  parseFault: (text: string) => Fault | undefined,
  kinds: string,
): Faults & { plan(operation: string, call: { delay?: string | undefined; fault?: string | undefined }): Plan<Fault> } {
  const settings = new Map<string, FaultSetting>();

  function readFault(text: string | undefined): Fault | undefined {
    if (text === undefined) {
      return undefined;
    }
    const fault = parseFault(text);
    if (fault === undefined) {
      throw new FaultSettingError(`the fault is none of ${kinds}`);
    }
    return fault;
  }

  function take(operation: string): FaultSetting {
    const setting = settings.get(operation);
    if (setting?.times === 1) {
      settings.delete(operation);
    } else if (setting?.times !== undefined) {
      settings.set(operation, { ...setting, times: setting.times - 1 });
    }
    return setting ?? {};
  }

  return {
    set: (operation, setting) => {
      if (!operations.includes(operation)) {
        throw new FaultSettingError(`there is no operation ${operation}; there are ${operations.join(', ')}`);
      }
      const read = settingSchema.safeParse(setting);
      if (!read.success) {
        throw new FaultSettingError(z.prettifyError(read.error));
      }
      readFault(read.data.fault);
      settings.set(operation, read.data);
    },
    list: () => Object.fromEntries(settings),
    clear: () => settings.clear(),
    // What a call asks for itself goes before the setting of its operation; the setting is used up either way.
    plan: (operation, call) => {
      const asked = { delayMs: readDelay(call.delay), fault: readFault(call.fault) };
      const setting = take(operation);
      return { delayMs: asked.delayMs ?? setting.delayMs ?? 0, fault: asked.fault ?? readFault(setting.fault) };
    },
  };
}

function readDelay(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const delayMs = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(delayMs <= MAX_DELAY_MS)) {
    throw new FaultSettingError(`the delay is not a whole number of milliseconds from 0 to ${MAX_DELAY_MS}`);
  }
  return delayMs;
}
