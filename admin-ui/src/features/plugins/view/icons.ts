import {
  IconBell,
  IconBook,
  IconBriefcase,
  IconCalendar,
  IconChartBar,
  IconCheck,
  IconClock,
  IconCoin,
  IconFile,
  IconFlag,
  IconHeart,
  IconHome,
  IconLayoutKanban,
  IconList,
  IconMail,
  IconMap,
  IconMessage,
  IconPhone,
  IconPuzzle,
  IconRoute,
  IconSearch,
  IconSettings,
  IconShoppingCart,
  IconSignature,
  IconStar,
  IconTag,
  IconTicket,
  IconTools,
  IconTruck,
  IconUser,
  IconUsers,
} from '@tabler/icons-react';
import { createElement, type ReactElement } from 'react';
import type { Icon } from '@/ui/icon';

/** The icons that plugins may name; all of the library would weigh more than the admin UI. */
const ICONS: Readonly<Record<string, Icon>> = {
  bell: IconBell,
  book: IconBook,
  briefcase: IconBriefcase,
  calendar: IconCalendar,
  chart: IconChartBar,
  check: IconCheck,
  clock: IconClock,
  coin: IconCoin,
  file: IconFile,
  flag: IconFlag,
  heart: IconHeart,
  home: IconHome,
  kanban: IconLayoutKanban,
  list: IconList,
  mail: IconMail,
  map: IconMap,
  message: IconMessage,
  phone: IconPhone,
  puzzle: IconPuzzle,
  route: IconRoute,
  search: IconSearch,
  settings: IconSettings,
  cart: IconShoppingCart,
  signature: IconSignature,
  star: IconStar,
  tag: IconTag,
  ticket: IconTicket,
  tools: IconTools,
  truck: IconTruck,
  user: IconUser,
  users: IconUsers,
};

/** The icon of a name; one that is not known is that of plugins. */
export function iconOf(name: string | null | undefined): Icon {
  return (name && Object.hasOwn(ICONS, name) ? ICONS[name] : undefined) ?? IconPuzzle;
}

/** The icon of a name, beside a text that says the same. */
export function NamedIcon({ name, size = 16 }: { name: string; size?: number }): ReactElement {
  return createElement(iconOf(name), { size, 'aria-hidden': true });
}
