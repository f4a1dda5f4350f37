import i18next, { type BackendModule, type FormatterModule } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { formatNumber } from '@/ui/format';

/** The languages of the admin UI, each in its own name. */
export const LANGUAGES = { en: 'English', nl: 'Nederlands' } as const;

export type Language = keyof typeof LANGUAGES;

const LANGUAGE_KEY = 'cairn.language';
type Texts = Record<string, unknown>;

/** What the shell and the home page say, a file for each language. One by one these were a dozen requests before anything is seen. */
const first = import.meta.glob<Record<string, Texts>>('./first/*.ts', { import: 'default' });
const others = import.meta.glob<Texts>(
  ['./*/*.json', '!./*/{calendar,common,frame,health,home,inbox,list,modelling,plugins,releases,views}.json'],
  { import: 'default' },
);

/** The texts of a namespace: of those the first page needs all come together, each other is a file of its own. */
async function loadTexts(language: string, namespace: string): Promise<Texts> {
  const together = await first[`./first/${language}.ts`]?.();
  const loaded = together?.[namespace] ?? (await others[`./${language}/${namespace}.json`]?.());
  if (!loaded) throw new Error(`there are no texts ${namespace} in ${language}`);
  return loaded;
}

/** Texts are fetched when a page first asks for their namespace. */
const files: BackendModule = {
  type: 'backend',
  init() {},
  read(language, namespace, done) {
    loadTexts(language, namespace).then(
      (found) => done(null, found as Parameters<typeof done>[1]),
      (cause: Error) => done(cause, false),
    );
  },
};

/** What texts say of an amount: `{{count}}` is always one. Numbers under other names may be years, versions and statuses. */
const AMOUNTS = new Set(['count', 'done', 'total']);

/** Writes amounts as the reader does: `3,336 entries`. */
export const amounts: FormatterModule = {
  type: 'formatter',
  init() {},
  add() {},
  addCached() {},
  format: (value, _format, _language, options) =>
    typeof value === 'number' && AMOUNTS.has(String(options?.interpolationkey)) ? formatNumber(value) : value,
};

/** React escapes what it draws. Amounts are written as such without a word in each text. */
export const interpolation = { escapeValue: false, alwaysFormat: true } as const;

/** Whether a word is a language of the admin UI. */
export function isLanguage(word: unknown): word is Language {
  return typeof word === 'string' && word in LANGUAGES;
}

/** The one chosen last on this device, else the browser's first that is there. */
function firstLanguage(): Language {
  const candidates = [localStorage.getItem(LANGUAGE_KEY), ...navigator.languages.map((tag) => tag.split('-')[0])];
  return candidates.find(isLanguage) ?? 'en';
}

/** Speaks another language from now on, on this device. */
export async function switchLanguage(language: Language): Promise<void> {
  localStorage.setItem(LANGUAGE_KEY, language);
  await i18next.changeLanguage(language);
}

/** Starts the texts. Before the first page is drawn. */
export async function startTexts(language: Language = firstLanguage()): Promise<void> {
  i18next.on('languageChanged', (tag) => {
    document.documentElement.lang = tag;
  });
  await i18next
    .use(files)
    .use(amounts)
    .use(initReactI18next)
    .init({
      lng: language,
      // Each language is complete, as a test holds: another one to fall back to would be loaded beside it.
      fallbackLng: false,
      supportedLngs: Object.keys(LANGUAGES),
      ns: ['common', 'frame'],
      defaultNS: 'common',
      interpolation,
      react: { useSuspense: true },
    });
}
