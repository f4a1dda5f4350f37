import i18next, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';

/** The languages of the admin UI, each in its own name. */
export const LANGUAGES = { en: 'English', nl: 'Nederlands' } as const;

export type Language = keyof typeof LANGUAGES;

const STORED = 'cairn.language';
const texts = import.meta.glob<Record<string, unknown>>(['./*/*.json'], { import: 'default' });

/** Each namespace of each language is a file of its own, fetched when a page first asks for it. */
const files: BackendModule = {
  type: 'backend',
  init() {},
  read(language, namespace, done) {
    const load = texts[`./${language}/${namespace}.json`];
    if (!load) return done(new Error(`there are no texts ${namespace} in ${language}`), false);
    load().then(
      (found) => done(null, found as Parameters<typeof done>[1]),
      (cause: Error) => done(cause, false),
    );
  },
};

/** Whether a word is a language of the admin UI. */
export function isLanguage(word: unknown): word is Language {
  return typeof word === 'string' && word in LANGUAGES;
}

/** The one chosen last on this device, else the browser's first that is there. */
export function firstLanguage(): Language {
  const candidates = [localStorage.getItem(STORED), ...navigator.languages.map((tag) => tag.split('-')[0])];
  return candidates.find(isLanguage) ?? 'en';
}

/** Speaks another language from now on, on this device. */
export async function speak(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  await i18next.changeLanguage(language);
}

/** Starts the texts. Before the first page is drawn. */
export async function startTexts(language: Language = firstLanguage()): Promise<void> {
  i18next.on('languageChanged', (tag) => {
    document.documentElement.lang = tag;
  });
  await i18next.use(files).use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    supportedLngs: Object.keys(LANGUAGES),
    ns: ['common', 'frame'],
    defaultNS: 'common',
    // React escapes what it draws.
    interpolation: { escapeValue: false },
    react: { useSuspense: true },
  });
}
