// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { ARTICLES, AUTHORS, CATEGORIES, PAGE, PICTURES } from './content';
import { scopeOf, stepsOf, TYPES } from './steps';

const locales = (preferred: string, ...codes: string[]) => ({
  default: preferred,
  available: codes.map((code) => ({ code })),
});

const slugs = (all: readonly { slug: string }[]): string[] => all.map(({ slug }) => slug);

describe('the languages of the demo', () => {
  it('are Dutch and English, the project’s own first', () => {
    expect(scopeOf(locales('nl', 'nl'), true)).toEqual({
      add: ['en'],
      languages: [
        { code: 'nl', words: 'nl' },
        { code: 'en', words: 'en' },
      ],
    });
    expect(scopeOf(locales('en', 'en', 'nl'), false)).toEqual({
      add: [],
      languages: [
        { code: 'en', words: 'en' },
        { code: 'nl', words: 'nl' },
      ],
    });
  });

  it('are the project’s own, with English texts, if none may be added', () => {
    expect(scopeOf(locales('de', 'de'), false)).toEqual({ add: [], languages: [{ code: 'de', words: 'en' }] });
  });
});

describe('the content of the demo', () => {
  it('refers only to existing documents', () => {
    for (const article of ARTICLES) {
      expect(slugs(CATEGORIES)).toContain(article.category);
      for (const author of article.authors) expect(slugs(AUTHORS)).toContain(author);
      expect(PICTURES.map(({ file }) => file)).toEqual(
        expect.arrayContaining([article.cover, ...(article.inside ? [article.inside] : [])]),
      );
      expect(article.en.title.length).toBeLessThanOrEqual(120);
      expect(article.en.summary.length).toBeLessThanOrEqual(300);
    }
    expect(slugs(ARTICLES)).toEqual(expect.arrayContaining(PAGE.highlights));
  });

  it('shows every state: published, changed since, draft, planned, in a release, and one without a translation', () => {
    expect(new Set(ARTICLES.map(({ fate }) => fate))).toEqual(
      new Set(['published', 'modified', 'draft', 'scheduled', 'release']),
    );
    expect(ARTICLES.filter(({ nl }) => !nl)).toHaveLength(1);
  });

  it('has types whose components and targets exist', () => {
    const known = [...Object.keys(TYPES.contentTypes), ...Object.keys(TYPES.components)];
    for (const type of Object.values(TYPES.contentTypes)) {
      for (const attribute of Object.values(type?.attributes ?? {})) {
        expect(known).toEqual(
          expect.arrayContaining(
            [attribute.target, attribute.component, ...(attribute.components ?? [])].filter((uid) => uid !== undefined),
          ),
        );
      }
    }
  });

  it('is created in uniquely named steps', () => {
    const steps = stepsOf({
      ...scopeOf(locales('en', 'en'), true),
      releases: true,
      zone: 'UTC',
      now: new Date('2026-11-21T10:00:00Z'),
    });
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
  });
});
