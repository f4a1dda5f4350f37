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
  /** Document id of the user as whom the preview begins. */
  seeAs?: string;
  /** A locale to show beside the fields. */
  beside?: string;
  /** A field to go to: where a comment or a mistake is. */
  field?: string;
  /** The form, where a plugin has a page for entries of the type. */
  form?: true;
  /** What somebody has chosen in such a page. */
  tab?: string;
  filters?: unknown;
  parameters?: Record<string, string>;
}

/** Letters of a value that the address keeps for a plugin's page. */
const MAX_PARAMETER_CHARS = 500;

function readSearch(raw: Record<string, unknown>): EntrySearch {
  const parameters = readParameters(raw.parameters);
  // What only the form has is shown in it, and the form stays when that is closed. `?form` that somebody types has no value.
  const isForm =
    raw.form === true ||
    raw.form === '' ||
    raw.preview === true ||
    panels.includes(raw.panel as Panel) ||
    [raw.beside, raw.field].some((part) => typeof part === 'string');
  return {
    ...(typeof raw.locale === 'string' ? { locale: raw.locale } : {}),
    ...(panels.includes(raw.panel as Panel) ? { panel: raw.panel as Panel } : {}),
    ...(raw.preview === true ? { preview: true } : {}),
    ...(typeof raw.seeAs === 'string' && /^[a-z0-9]{1,64}$/.test(raw.seeAs) ? { seeAs: raw.seeAs } : {}),
    ...(typeof raw.beside === 'string' ? { beside: raw.beside } : {}),
    ...(typeof raw.field === 'string' ? { field: raw.field } : {}),
    ...(isForm ? { form: true as const } : {}),
    ...(typeof raw.tab === 'string' || typeof raw.tab === 'number' ? { tab: String(raw.tab) } : {}),
    ...(typeof raw.filters === 'object' && raw.filters !== null ? { filters: raw.filters } : {}),
    ...(parameters ? { parameters } : {}),
  };
}

function readParameters(raw: unknown): Record<string, string> | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
  const parameters = Object.entries(raw).filter(
    (entry): entry is [string, string] =>
      /^[a-z0-9][a-z0-9-]{0,59}$/.test(entry[0]) &&
      typeof entry[1] === 'string' &&
      entry[1].length <= MAX_PARAMETER_CHARS,
  );
  return parameters.length > 0 ? Object.fromEntries(parameters) : undefined;
}

/** Whether an address asks for the form. */
export function asksForForm({ form }: EntrySearch): boolean {
  return form === true;
}

/** The page that makes an entry. */
export const createAddress = defineAddress({ path: '/content/$uid/create', search: readSearch });

/** The page of an entry. Of a single type it is the one entry, whatever the address calls it. */
export const entryAddress = defineAddress({ path: '/content/$uid/$documentId', search: readSearch });
