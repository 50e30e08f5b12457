/**
 * Which of the nodes of a graph have a property themselves, or lead to one that has it. Circles are no trouble.
 *
 * @param next where a node leads
 * @param holds whether it has the property itself
 */
export function reaching<Node>(
  nodes: Iterable<Node>,
  next: (node: Node) => Iterable<Node>,
  holds: (node: Node) => boolean,
): ReadonlySet<Node> {
  const before = new Map<Node, Node[]>();
  const found = new Set<Node>();
  for (const node of nodes) {
    for (const other of next(node)) {
      const list = before.get(other);
      if (list) list.push(node);
      else before.set(other, [node]);
    }
    if (holds(node)) found.add(node);
  }
  // A set can grow while it is walked: what is added is walked, too.
  for (const node of found) for (const other of before.get(node) ?? []) found.add(other);
  return found;
}
