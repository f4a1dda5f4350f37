/** What is measured on: an entry of two hundred blocks, one of two hundred components, and many rows. */

const sentence = 'The quick brown fox jumps over the lazy dog, and goes on to say something longer about it. ';
const text = (words: string) => [{ type: 'text', text: words }];

/** Blocks as somebody writes them: a heading now and then, lists, quotes, mostly paragraphs. */
export function blocks(count: number): unknown[] {
  return Array.from({ length: count }, (_, at) => {
    switch (at % 8) {
      case 0:
        return { type: 'heading', level: 2 + (at % 3), children: text(`Part ${at}`) };
      case 3:
        return {
          type: 'list',
          format: at % 2 ? 'ordered' : 'unordered',
          children: [1, 2, 3].map((n) => ({ type: 'list-item', children: text(`Point ${n} of ${at}`) })),
        };
      case 6:
        return { type: 'quote', children: text(`${sentence}(${at})`) };
      default:
        return {
          type: 'paragraph',
          children: [
            ...text(sentence.repeat(2)),
            { type: 'text', text: 'in bold', bold: true },
            ...text(' and '),
            { type: 'link', url: 'https://example.com', children: text('a link') },
            ...text(`. ${sentence}${at}`),
          ],
        };
    }
  });
}

/** Components of several kinds, some with blocks and components of their own. */
export function zone(count: number): unknown[] {
  return Array.from({ length: count }, (_, at) => {
    switch (at % 4) {
      case 0:
        return { __component: 'block.quote', text: `${sentence}(${at})`, author: `Author ${at}` };
      case 1:
        return {
          __component: 'block.call-to-action',
          title: `Go on to ${at}`,
          text: sentence,
          link: { label: 'There', url: 'https://example.com' },
        };
      default:
        return { __component: 'block.text', body: `${sentence}(${at})` };
    }
  });
}
