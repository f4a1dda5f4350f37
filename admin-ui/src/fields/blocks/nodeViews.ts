import { type AnyExtension, Node, type NodeViewRenderer } from '@tiptap/core';
import { safeUrl } from '../media/files';
import { imageOf, lacksAlt } from './accessibility';
import { extensions, unknownLabel } from './schema';

interface ViewTexts {
  undescribed: string;
  unknown: (type: string) => string;
}

/**
 * The parts of the editor, those that are drawn in another way than they are copied with their views. `describe` is told of a
 * picture that is to be described.
 */
export function withViews(texts: ViewTexts, describe: (pos: number) => void): AnyExtension[] {
  const views: Record<string, NodeViewRenderer> = {
    image: imageView(texts.undescribed, describe),
    unknownBlock: unknownView(texts.unknown),
  };
  return extensions.map((each) => {
    const view = views[each.name];
    return view && each instanceof Node ? each.extend({ addNodeView: () => view }) : each;
  });
}

/** A picture of the library. Made of elements and text, never of markup: what it says comes from the content. */
function imageView(undescribed: string, describe: (pos: number) => void): NodeViewRenderer {
  return ({ node, getPos }) => {
    const figure = document.createElement('figure');
    const image = imageOf(node);
    const picture = document.createElement('img');
    const url = safeUrl(typeof image.url === 'string' ? image.url : null);
    if (url) picture.src = url;
    picture.alt = typeof image.alternativeText === 'string' ? image.alternativeText : '';
    picture.draggable = false;
    figure.append(picture);
    const caption =
      typeof image.caption === 'string' && image.caption
        ? image.caption
        : typeof image.name === 'string'
          ? image.name
          : '';
    if (caption) {
      const line = document.createElement('figcaption');
      line.textContent = caption;
      figure.append(line);
    }
    if (lacksAlt(image)) {
      const hint = document.createElement('div');
      hint.dataset.undescribed = '';
      hint.textContent = undescribed;
      figure.append(hint);
    }
    figure.addEventListener('dblclick', () => {
      const pos = getPos();
      if (pos !== undefined) describe(pos);
    });
    return { dom: figure, ignoreMutation: () => true };
  };
}

/** A part that this editor does not know. */
function unknownView(text: (type: string) => string): NodeViewRenderer {
  return ({ node }) => {
    const box = document.createElement(node.isInline ? 'span' : 'div');
    box.dataset.unknown = '';
    box.contentEditable = 'false';
    box.textContent = text(unknownLabel(node.attrs.json));
    return { dom: box, ignoreMutation: () => true };
  };
}
