import {
  IconAbc,
  IconAt,
  IconBinary,
  IconCalendar,
  IconCalendarClock,
  IconClock,
  IconCode,
  IconComponents,
  IconDecimal,
  IconFileText,
  IconHash,
  IconLayoutList,
  IconLink,
  IconList,
  IconLock,
  IconMarkdown,
  IconNumber123,
  IconPhoto,
  IconPlug,
  IconSignature,
  IconTextPlus,
  IconToggleLeft,
} from '@tabler/icons-react';
import type { AttributeType } from '@/api/model';
import type { Icon } from '@/ui/icon';

/** What a kind of field looks like in the builder. */
export const KIND_ICONS: Record<AttributeType, Icon> = {
  string: IconAbc,
  text: IconTextPlus,
  richtext: IconMarkdown,
  blocks: IconFileText,
  email: IconAt,
  password: IconLock,
  integer: IconNumber123,
  biginteger: IconBinary,
  float: IconDecimal,
  decimal: IconDecimal,
  date: IconCalendar,
  time: IconClock,
  datetime: IconCalendarClock,
  timestamp: IconHash,
  boolean: IconToggleLeft,
  enumeration: IconList,
  json: IconCode,
  uid: IconSignature,
  media: IconPhoto,
  relation: IconLink,
  component: IconComponents,
  dynamiczone: IconLayoutList,
  customField: IconPlug,
};

/** The kinds that can be added, in groups, the usual ones first. */
export const KIND_GROUPS: readonly {
  id: 'text' | 'number' | 'time' | 'choice' | 'structure' | 'other';
  kinds: readonly AttributeType[];
}[] = [
  { id: 'text', kinds: ['string', 'text', 'blocks', 'richtext', 'uid', 'email', 'password'] },
  { id: 'structure', kinds: ['relation', 'media', 'component', 'dynamiczone'] },
  { id: 'choice', kinds: ['boolean', 'enumeration'] },
  { id: 'number', kinds: ['integer', 'decimal', 'float', 'biginteger'] },
  { id: 'time', kinds: ['date', 'datetime', 'time'] },
  { id: 'other', kinds: ['json', 'customField'] },
];
