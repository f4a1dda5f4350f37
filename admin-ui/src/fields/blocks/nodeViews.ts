import type { Node as PmNode } from '@tiptap/pm/model';
import type { NodeViewConstructor } from '@tiptap/pm/view';
import { safeUrl } from '../media/files';
import { isNode } from './json';
import { unknownLabel } from './schema';

/** A picture of the library. Made of elements and text, never of markup: what it says comes from the content. */
export const imageView: NodeViewConstructor = (node: PmNode) => {
  const figure = document.createElement('figure');
  const block: unknown = node.attrs.json;
  const image = isNode(block) && isNode(block.image) ? block.image : {};
  const picture = document.createElement('img');
  const url = safeUrl(typeof image.url === 'string' ? image.url : null);
  if (url) picture.src = url;
  picture.alt = typeof image.alternativeText === 'string' ? image.alternativeText : '';
  picture.draggable = false;
  figure.append(picture);
  const caption = typeof image.caption === 'string' && image.caption ? image.caption : typeof image.name === 'string' ? image.name : '';
  if (caption) {
    const line = document.createElement('figcaption');
    line.textContent = caption;
    figure.append(line);
  }
  return { dom: figure, ignoreMutation: () => true };
};

/** A part that this editor does not know. */
export function unknownView(text: (type: string) => string): NodeViewConstructor {
  return (node: PmNode) => {
    const box = document.createElement(node.isInline ? 'span' : 'div');
    box.dataset.unknown = '';
    box.contentEditable = 'false';
    box.textContent = text(unknownLabel(node.attrs.json));
    return { dom: box, ignoreMutation: () => true };
  };
}
