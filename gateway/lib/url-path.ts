/** Between the segments of a path, for anybody who reads it: some take a backslash or an encoded slash for one. */
const BETWEEN = /[/\\]|%2f|%5c/i;
/** A step through the tree in any spelling (RFC 3986 §5.2.4, WHATWG URL); what some servers cut off after `;` changes nothing. */
const STEP = /^(\.|%2e){1,2}(;.*)?$/is;

/**
 * Whether a path holds a `.` or `..` that leads elsewhere than its text says: below another path it could lead out of it. Of the
 * values of a template (`/a/{id}`) nothing is known here.
 *
 * @param path with or without query and fragment, which lead nowhere
 */
export function hasSteps(path: string): boolean {
  const [own = ''] = path.split(/[?#]/);
  return own.split(BETWEEN).some((segment) => STEP.test(segment));
}
