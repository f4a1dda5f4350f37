import type { Node as PmNode } from '@tiptap/pm/model';
import { isNode } from './json';

/** Something that keeps people from reading a text: where it is, and what would put it right. */
export type AccessibilityFinding =
  /** A heading is more than one level below the one before it: who jumps from heading to heading misses something that is not there. */
  | { kind: 'skipped'; pos: number; level: number; fits: number; text: string }
  /** A heading without words is read aloud as one. */
  | { kind: 'emptyHeading'; pos: number; level: number }
  /** A picture says nothing to those who do not see it. An empty text is a decision, none is not. */
  | { kind: 'noAlt'; pos: number; name: string };

/** The level above the first heading of a text: the title of the page it is shown on. */
const titleLevel = 1;

/** The picture of an image block. */
export function imageOf(node: PmNode): Record<string, unknown> {
  const block: unknown = node.attrs.json;
  return isNode(block) && isNode(block.image) ? block.image : {};
}

/** Whether nobody has said yet what a picture shows, or that it only decorates. */
export function lacksAlt(image: Record<string, unknown>): boolean {
  return typeof image.alternativeText !== 'string';
}

/** What keeps people from reading a text, in its order. */
export function findingsOf(doc: PmNode): AccessibilityFinding[] {
  const findings: AccessibilityFinding[] = [];
  let before = titleLevel;
  doc.forEach((node, pos) => {
    if (node.type.name === 'heading') {
      const level = Number(node.attrs.level);
      const text = node.textContent.trim();
      if (text === '') {
        findings.push({ kind: 'emptyHeading', pos, level });
        return;
      }
      if (level > before + 1) findings.push({ kind: 'skipped', pos, level, fits: before + 1, text });
      before = level;
    } else if (node.type.name === 'image') {
      const image = imageOf(node);
      if (lacksAlt(image))
        findings.push({ kind: 'noAlt', pos, name: typeof image.name === 'string' ? image.name : '' });
    }
  });
  return findings;
}
