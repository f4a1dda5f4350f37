import {
  IconArticle,
  IconBox,
  IconCalendar,
  IconCode,
  IconFile,
  IconHash,
  IconHeart,
  IconLayoutGrid,
  IconLink,
  IconList,
  IconMail,
  IconMap,
  IconPhoto,
  IconQuote,
  IconSearch,
  IconShoppingCart,
  IconStar,
  IconTable,
  IconUser,
  IconVideo,
} from '@tabler/icons-react';
import { createElement } from 'react';
import type { Component } from '@/api/model';

type IconComponent = typeof IconBox;

/** Strapi's names of icons (`info.icon`), by the words in them: it has two hundred, of which these are what components use. */
const iconsByWord: readonly (readonly [RegExp, IconComponent])[] = [
  [/picture|image|landscape|photo|paintbrush/i, IconPhoto],
  [/play|video|movie|film/i, IconVideo],
  [/bulletlist|numberlist|list/i, IconList],
  [/quote/i, IconQuote],
  [/link|cursor|external|action|button/i, IconLink],
  [/code|terminal/i, IconCode],
  [/calendar|date|clock/i, IconCalendar],
  [/envelop|mail|paper-?plane/i, IconMail],
  [/pinmap|map|earth|globe/i, IconMap],
  [/user|person|emotion/i, IconUser],
  [/search|seo/i, IconSearch],
  [/shopping|cart|price|store/i, IconShoppingCart],
  [/heart/i, IconHeart],
  [/star|crown|medal/i, IconStar],
  [/grid|layout|dashboard|apps/i, IconLayoutGrid],
  [/table|database/i, IconTable],
  [/number|hash|priceTag/i, IconHash],
  [/file|attachment|paperclip/i, IconFile],
  [/text|feather|pencil|book|quill|bold/i, IconArticle],
];

function iconByName(name: string): IconComponent | undefined {
  return iconsByWord.find(([word]) => word.test(name))?.[1];
}

function iconOf({ icon, uid }: Component): IconComponent {
  return (icon ? iconByName(icon) : undefined) ?? iconByName(uid.split('.')[1] ?? uid) ?? IconBox;
}

/** The icon of a component: by the one that its file names, else by what it is called. */
export function ComponentIcon({ component }: { component: Component }) {
  return createElement(iconOf(component), { size: 16, 'aria-hidden': true });
}
