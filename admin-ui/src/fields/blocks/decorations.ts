import { Plugin, PluginKey } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';

/** The numbers of ordered lists, and the hint in an empty document. CSS counters cannot: items of all levels are siblings. */
export function decorations(placeholder: string): Plugin {
  return new Plugin({
    key: new PluginKey('cairn-decorations'),
    props: {
      decorations: ({ doc }) => {
        const collected: Decoration[] = [];
        const counts: number[] = [];
        doc.forEach((node, at) => {
          if (node.type.name !== 'listItem') {
            counts.length = 0;
            return;
          }
          const level = Number(node.attrs.level);
          const begins = (node.attrs.opens as unknown[]).length > 0;
          counts.length = level + 1;
          if (begins || node.attrs.format !== 'ordered') counts[level] = 0;
          if (node.attrs.format === 'ordered') {
            counts[level] = (counts[level] ?? 0) + 1;
            collected.push(Decoration.node(at, at + node.nodeSize, { 'data-number': String(counts[level]) }));
          }
        });
        const only = doc.childCount === 1 ? doc.firstChild : null;
        if (only?.type.name === 'paragraph' && only.content.size === 0) {
          collected.push(Decoration.node(0, only.nodeSize, { class: 'is-empty-doc', 'data-placeholder': placeholder }));
        }
        return DecorationSet.create(doc, collected);
      },
    },
  });
}
