/**
 * The rules of `promtool check metrics` that names and types can break (prometheus/client_golang, testutil/promlint): help for each
 * metric, `_total` for counters and only for them, base units, lower case, no type in a name.
 */
export function lintMetrics(text: string): string[] {
  const helped = new Set([...text.matchAll(/^# HELP (\S+) \S/gm)].map((match) => match[1]));
  const faults: string[] = [];
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    if (!helped.has(name)) faults.push(`${name}: no help`);
    if (type === 'counter' && !name.endsWith('_total')) faults.push(`${name}: a counter must end in _total`);
    if (type !== 'counter' && name.endsWith('_total')) faults.push(`${name}: only counters end in _total`);
    if (!/^[a-z_:][a-z0-9_:]*$/.test(name)) faults.push(`${name}: not in lower snake case`);
    if (/_(counter|gauge|histogram|summary)(_|$)/.test(name)) faults.push(`${name}: the type is part of the name`);
    if (/_(ms|milliseconds|minutes|hours|kilobytes|megabytes|percent)(_|$)/.test(name))
      faults.push(`${name}: not a base unit`);
    if (type !== 'histogram' && type !== 'summary' && /_(bucket|count|sum)$/.test(name))
      faults.push(`${name}: reserved suffix`);
  }
  return faults;
}
