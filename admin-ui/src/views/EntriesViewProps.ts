import type { ReactNode } from 'react';
import type { Entry, Query } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import type { EntriesViewDef } from './definition';
import type { MoveEntry } from './moveEntry';

/** What a view of entries is given by the page around it. */
export interface EntriesViewProps<Def extends EntriesViewDef> {
  model: Model;
  type: ContentType;
  definition: Def;
  /** Which entries: filters, words, language. Fields, order and pages are the view's. */
  query: Query;
  /** The address of an entry's page. */
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  /** The language that changes are saved in. */
  locale: string | undefined;
  /** The button of an entry's own menu, wherever the entry is drawn. */
  menu?: ((entry: Entry) => ReactNode) | undefined;
  /** How entries are moved; without it by saving their new values. */
  move?: MoveEntry | undefined;
}
