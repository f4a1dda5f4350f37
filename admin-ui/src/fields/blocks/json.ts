/** Strapi's blocks, as they are kept. What this file does not name may be in them all the same. */
export interface TextLeaf {
  type: 'text';
  text: string;
  bold?: boolean;
  italic?: boolean;
  underline?: boolean;
  strikethrough?: boolean;
  code?: boolean;
}

export type Node = Record<string, unknown> & { type?: unknown; children?: unknown };

/** The marks of a text, in the order they are written. */
export const marks = ['bold', 'italic', 'underline', 'strikethrough', 'code'] as const;

/** Whether it is an object with string keys. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is a text leaf of which everything is known. */
export function isText(value: unknown): value is TextLeaf {
  if (!isNode(value) || value.type !== 'text' || typeof value.text !== 'string') return false;
  return Object.keys(value).every(
    (key) =>
      key === 'type' ||
      key === 'text' ||
      ((marks as readonly string[]).includes(key) && typeof value[key] === 'boolean'),
  );
}

/** An object without some of its keys; nothing where none is left. */
export function extraOf(node: Node, known: readonly string[]): Record<string, unknown> | null {
  const rest = Object.entries(node).filter(([key]) => !known.includes(key));
  return rest.length > 0 ? Object.fromEntries(rest) : null;
}
