import { defineAddress } from '@/app/address';

/** The panels that open beside the fields. */
const panels = ['history', 'comments', 'review', 'plans', 'usages'] as const;

/** A panel beside the fields. */
export type Panel = (typeof panels)[number];

/** The state of the editor that its address keeps. */
export interface EntrySearch {
  locale?: string;
  panel?: Panel;
  preview?: boolean;
  /** A locale to show beside the fields. */
  beside?: string;
  /** A field to go to: where a comment or a mistake is. */
  field?: string;
}

function readSearch(raw: Record<string, unknown>): EntrySearch {
  return {
    ...(typeof raw.locale === 'string' ? { locale: raw.locale } : {}),
    ...(panels.includes(raw.panel as Panel) ? { panel: raw.panel as Panel } : {}),
    ...(raw.preview === true ? { preview: true } : {}),
    ...(typeof raw.beside === 'string' ? { beside: raw.beside } : {}),
    ...(typeof raw.field === 'string' ? { field: raw.field } : {}),
  };
}

/** The page that makes an entry. */
export const createAddress = defineAddress({ path: '/content/$uid/create', search: readSearch });

/** The page of an entry. Of a single type it is the one entry, whatever the address calls it. */
export const entryAddress = defineAddress({ path: '/content/$uid/$documentId', search: readSearch });
