import articles from './content/articles.json';
import authors from './content/authors.json';
import categories from './content/categories.json';
import page from './content/page.json';
import pictures from './content/pictures.json';

/** The languages that the demo is written in. */
export const DEMO_LANGUAGES = ['en', 'nl'] as const;

export type DemoLanguage = (typeof DEMO_LANGUAGES)[number];

/** What becomes of an article once it is written. */
export type Fate = 'published' | 'modified' | 'draft' | 'scheduled' | 'release';

interface ArticleText {
  title: string;
  summary: string;
  text: string;
  quote: string;
  by: string;
  more: string;
}

export interface Article {
  slug: string;
  fate: Fate;
  category: string;
  authors: string[];
  cover: string;
  /** A picture between the words. */
  inside?: string;
  daysAgo: number;
  minutes: number;
  featured: boolean;
  en: ArticleText;
  /** One has no Dutch yet, to show how that looks. */
  nl?: ArticleText;
}

export const ARTICLES = articles as Article[];
export { authors as AUTHORS, categories as CATEGORIES, page as PAGE, pictures as PICTURES };

/** The files of the pictures, as the build names them. */
const FILES = import.meta.glob<string>('./pictures/*.jpg', { eager: true, query: '?url', import: 'default' });

export async function pictureFile(name: string, signal: AbortSignal): Promise<File> {
  const address = FILES[`./pictures/${name}.jpg`];
  if (!address) throw new Error(`there is no picture ${name}`);
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(`the picture ${name} was not found`);
  return new File([await answer.blob()], `${name}.jpg`, { type: 'image/jpeg' });
}

type Block = { __component: string } & Record<string, unknown>;

/** The parts of an article, one below the other. */
export function bodyOf(words: ArticleText, picture?: number): Block[] {
  return [
    { __component: 'magazine.text', text: words.text },
    { __component: 'magazine.quote', text: words.quote, by: words.by },
    ...(picture ? [{ __component: 'magazine.picture', picture }] : []),
    { __component: 'magazine.text', text: words.more },
  ];
}

/** What search engines show: no more than they take. */
export function seoOf(title: string, description: string): object {
  return { title: title.slice(0, 70), description: description.slice(0, 160) };
}

/** The date so many days before another, as a field takes it. */
export function dateBefore(days: number, now: Date): string {
  return new Date(now.getTime() - days * 86_400_000).toISOString().slice(0, 10);
}
