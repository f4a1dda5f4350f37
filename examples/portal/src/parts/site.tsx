import { createContext, type ReactNode, useContext } from 'react';
import type { PageContext } from '../context.ts';
import type { Format } from '../i18n/format.ts';
import { type Language, type TextKey, translate } from '../i18n/texts.ts';
import type { Assets } from '../server/assets.ts';

interface SiteValue {
  context: PageContext;
  assets: Assets;
  nonce: string;
  /** A message of the page before, shown once. */
  notice: string | undefined;
}

const SiteContext = createContext<SiteValue | undefined>(undefined);

/** Gives the parts of a page what they share. */
export function SiteProvider({ value, children }: { value: SiteValue; children: ReactNode }) {
  return <SiteContext value={value}>{children}</SiteContext>;
}

interface SharedParts extends SiteValue {
  language: Language;
  format: Format;
  /** A text in the language of the page. */
  t: (key: TextKey, values?: Record<string, string | number>) => string;
}

/** The values that every part of a page may use. */
export function useSite(): SharedParts {
  const value = useContext(SiteContext);
  if (!value) throw new Error('a part of a page is rendered outside of one');
  const { context } = value;
  const { language } = context.parts;
  return { ...value, language, format: context.format, t: (key, values) => translate(language, key, values) };
}
