/** Splits an identifier of any convention into lower-case words: `GetStock`, `get_stock`, `HTTPServer-v2` and `a.b/c` alike. */
export function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])(?=[A-Z][a-z])/g, '$1 ')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
}

/** `get_stock` → `getStock`. An answer that would start with a digit gets an underscore in front. */
export function camelCase(name: string): string {
  const [first = '', ...rest] = words(name);
  return validStart(lowerFirstWord(first) + rest.map(capitalize).join(''));
}

/** `order_item` → `OrderItem`; inner capitals stay as they are (`OAuthToken` → `OAuthToken`). */
export function pascalCase(name: string): string {
  const parts = name.split(/[^A-Za-z0-9]+/).filter((part) => part !== '');
  return validStart(parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join(''));
}

/** `ProductsTags` → `ProductsTag`: only the plain English plural, for naming the items of a list after the list. */
export function singular(name: string): string {
  if (/(ss|us|is)$/i.test(name) || name.length < 4) return name;
  if (/ies$/.test(name)) return `${name.slice(0, -3)}y`;
  if (/(ses|xes|ches|shes)$/.test(name)) return name.slice(0, -2);
  return name.endsWith('s') ? name.slice(0, -1) : name;
}

/** A GraphQL `Name` (GraphQL spec §2.1.9) made of any text: every character that is not allowed becomes `_`. */
export function graphqlName(text: string): string {
  return validStart(text.replace(/[^_0-9A-Za-z]/g, '_'));
}

/** Names that are given already, and by name the first number that may still be free behind it: counting anew is quadratic. */
export type TakenNames = Set<string> & { numbers?: Map<string, number> };

/** The first free name of `name`, `name2`, `name3`…; the chosen one is added to `taken`. */
export function uniqueName(name: string, taken: TakenNames): string {
  let candidate = name;
  taken.numbers ??= new Map();
  let n = taken.numbers.get(name) ?? 2;
  for (; taken.has(candidate); n += 1) candidate = `${name}${n}`;
  if (candidate !== name) taken.numbers.set(name, n);
  taken.add(candidate);
  return candidate;
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}

function lowerFirstWord(word: string): string {
  return word.toLowerCase();
}

function validStart(name: string): string {
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`;
}
