import {
  IconBlockquote,
  IconCode,
  IconH1,
  IconH2,
  IconH3,
  IconH4,
  IconH5,
  IconH6,
  IconList,
  IconListNumbers,
  IconPilcrow,
} from '@tabler/icons-react';

/** The kinds of block of text that another can become; `key` is of the texts `fields:blocks.*`. */
export const kinds = [
  { id: 'paragraph', type: 'paragraph', attrs: {}, key: 'paragraph', Icon: IconPilcrow },
  { id: 'heading1', type: 'heading', attrs: { level: 1 }, key: 'heading', level: 1, Icon: IconH1 },
  { id: 'heading2', type: 'heading', attrs: { level: 2 }, key: 'heading', level: 2, Icon: IconH2 },
  { id: 'heading3', type: 'heading', attrs: { level: 3 }, key: 'heading', level: 3, Icon: IconH3 },
  { id: 'heading4', type: 'heading', attrs: { level: 4 }, key: 'heading', level: 4, Icon: IconH4 },
  { id: 'heading5', type: 'heading', attrs: { level: 5 }, key: 'heading', level: 5, Icon: IconH5 },
  { id: 'heading6', type: 'heading', attrs: { level: 6 }, key: 'heading', level: 6, Icon: IconH6 },
  { id: 'bullets', type: 'listItem', attrs: { format: 'unordered' }, key: 'bullets', Icon: IconList },
  { id: 'numbers', type: 'listItem', attrs: { format: 'ordered' }, key: 'numbers', Icon: IconListNumbers },
  { id: 'quote', type: 'quote', attrs: {}, key: 'quote', Icon: IconBlockquote },
  { id: 'codeBlock', type: 'codeBlock', attrs: {}, key: 'codeBlock', Icon: IconCode },
] as const;
