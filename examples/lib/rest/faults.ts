/** What can go wrong with the answer of a REST service. */
export type RestFault =
  | { kind: 'status'; status: number }
  | { kind: 'reset' }
  | { kind: 'hang' }
  | { kind: 'truncate' }
  | { kind: 'invalid-json' };

export const REST_FAULTS = 'status:400 to status:599, reset, hang, truncate, invalid-json';

/** Reads the text of a fault; undefined when it means nothing. */
export function parseRestFault(text: string): RestFault | undefined {
  if (/^status:[45]\d\d$/.test(text)) {
    return { kind: 'status', status: Number(text.slice('status:'.length)) };
  }
  switch (text) {
    case 'reset':
    case 'hang':
    case 'truncate':
    case 'invalid-json':
      return { kind: text };
    default:
      return undefined;
  }
}
