import { type ComponentType, createContext } from 'react';
import type { Attribute } from '@/api/model';
import type { GlossaryTerms } from '@/api/glossary';
import type { DocumentState, DocumentStatus } from '@/api/content';
import type { FormHost } from '@/fields/form/context';
import type { EntrySession, SaveState } from '../session';
import type { EntryActions } from '../useEntryActions';

/** A second language of an entry that is edited beside the open one. What draws it is loaded with it: the page of one language goes without. */
export interface Side {
  session: EntrySession;
  /** How the document stands, as far as this language knows. */
  state: DocumentState | null;
  /** Which of the two is seen where there is no room for both. */
  shown: 'open' | 'beside';
  /** What its form has otherwise than that of the open language. */
  host: Pick<FormHost, 'id' | 'store' | 'slugs' | 'locale' | 'presence' | 'turn' | 'marksShared' | 'Tools' | 'Beside'>;
  /** By attribute, when it was written in the other language after it was written in this one. */
  outdated: { open: ReadonlyMap<string, number>; beside: ReadonlyMap<string, number> };
  /** The terms of the site; none while they are read, or where they cannot be. */
  glossary: GlossaryTerms | undefined;
  /** Whether a plugin that translates runs. */
  translates: boolean;
  /** Which of the two the other one translates: the default language, if it is one of them. */
  source: 'open' | 'beside';
  /** Whether it is being published. */
  publishing: boolean;
  /** What the button is called that publishes the open language alone. */
  publishLabel: string;
  /** Whether the focus was last in a field of it, rather than of the open language. */
  isUsed: () => boolean;
  turn: (way: 'undo' | 'redo') => void;
  saveNow: () => Promise<boolean>;
  publish: () => void;
  /** A field of it, beside the same field of the open language. */
  Field: ComponentType<{ path: string; name: string; attribute: Attribute }>;
  /** Where each of the two is: on the server, on its way, on this device. */
  State: ComponentType<{ session: EntrySession; save: SaveState; publishing: boolean }>;
  /** The choices of what is published. */
  PublishItems: ComponentType<{ run: EntryActions['run'] }>;
}

export const SideContext = createContext<Side | null>(null);

/** Begins the ids of its inputs. */
export const SIDE_FORM = 'side';

/** How each language stands, as its own session knows it best. */
export function statesOf(session: EntrySession, side: Side | null | undefined): Map<string | null, DocumentStatus> {
  const states = new Map<string | null, DocumentStatus>(
    session.state?.locales.map((each) => [each.locale, each.status]),
  );
  const own = side?.state?.locales.find(({ locale }) => locale === side.session.locale);
  if (own) states.set(own.locale, own.status);
  return states;
}
