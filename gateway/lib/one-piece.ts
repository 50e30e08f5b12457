/** Whether nothing in a document makes its answer one of several parts: neither directives nor a subscription, wherever the words stand. */
export function isInOnePiece(text: string): boolean {
  return !/@(defer|stream)\b|\bsubscription\b/.test(text);
}
