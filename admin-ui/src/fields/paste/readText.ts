import type { Inline, PastedDocument } from './document';

/** Text as it is: a blank line begins a paragraph, any other a line. */
export function readText(text: string): PastedDocument {
  const plain = text.replaceAll(/\r\n?/g, '\n').replaceAll(/^\n+|\s+$/g, '');
  const blocks =
    plain === ''
      ? []
      : plain.split(/\n(?:[^\S\n]*\n)+/).map((part) => ({
          kind: 'paragraph' as const,
          content: part
            .split('\n')
            .flatMap((line, at): Inline => [...(at > 0 ? [{ text: '\n' }] : []), ...(line ? [{ text: line }] : [])]),
        }));
  return { source: 'text', blocks, dropped: [] };
}
