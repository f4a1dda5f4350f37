import { changeAsset, makeFolder, listAssets, listFolders } from '@/api/assets';
import { runEntryAction, listEntries, saveEntry } from '@/api/content';
import { listSchedules, schedule } from '@/api/editorial';
import { addLocale } from '@/api/locales';
import { type ContentType, contentTypeOf, type Model } from '@/api/model';
import { addToRelease, createRelease, releaseItemsQuery, releasesQuery } from '@/api/releases';
import { applyChange, type Changes } from '@/api/schemaChanges';
import { uploadFile } from '@/api/upload';
import type { QueryClient } from '@tanstack/react-query';
import {
  type Article,
  ARTICLES,
  AUTHORS,
  bodyOf,
  CATEGORIES,
  dateBefore,
  PAGE,
  pictureFile,
  PICTURES,
  seoOf,
  DEMO_LANGUAGES,
  type DemoLanguage,
} from './content';
import types from './content/types.json';
import type { CreatedRecord, Step } from './progress';

export const TYPES = types as unknown as Changes;

export const ARTICLE = 'api::article.article';

/** What a step works with. */
export interface Kit {
  queries: QueryClient;
  /** The model as it is now; the demo's types are in it after the step that makes them. */
  model: Model;
  made: Record<string, CreatedRecord>;
  signal: AbortSignal;
}

/** A language of the project, and in which of the demo's it is filled. */
interface Language {
  code: string;
  words: DemoLanguage;
}

/** What one may do decides how much is made. */
export interface Scope {
  languages: Language[];
  /** Languages that are added first. */
  add: string[];
  releases: boolean;
  zone: string;
  now: Date;
}

/** Dutch and English where the project has them or may get them, else its own language with English words. */
export function scopeOf(
  project: { default: string; available: { code: string }[] },
  mayAddLanguages: boolean,
): Pick<Scope, 'languages' | 'add'> {
  const available = project.available.map((locale) => locale.code);
  const add = mayAddLanguages ? DEMO_LANGUAGES.filter((code) => !available.includes(code)) : [];
  const codes = DEMO_LANGUAGES.filter((code) => available.includes(code) || add.includes(code));
  if (codes.length === 0) return { languages: [{ code: project.default, words: 'en' }], add };
  // The project's own first: a document is made in it.
  const ordered = codes.toSorted((a, b) => Number(b === project.default) - Number(a === project.default));
  return { languages: ordered.map((code) => ({ code, words: code })), add };
}

function typeOf(kit: Kit, uid: string): ContentType {
  const type = contentTypeOf(kit.model, uid);
  if (!type) throw new Error(`there is no content type ${uid}`);
  return type;
}

/** The document that a step made. */
function createdDocument(kit: Kit, step: string): string {
  const id = kit.made[step]?.documentId;
  if (!id) throw new Error(`${step} made no document`);
  return id;
}

const fileOf = (kit: Kit, picture: string): number | undefined => kit.made[`picture:${picture}`]?.id;

interface DocumentSpec {
  kind: string;
  uid: string;
  slug: string;
  languages: Language[];
  data: (kit: Kit, language: Language) => Record<string, unknown>;
}

/** Makes a document in the first language, and says it in the others. */
function documentSteps({ kind, uid, slug, languages, data }: DocumentSpec): Step<Kit>[] {
  const [first, ...others] = languages;
  if (!first) return [];
  const base = `${kind}:${slug}`;
  return [
    {
      id: base,
      run: async (kit, again) => {
        const type = typeOf(kit, uid);
        const found = again
          ? (
              await listEntries(
                type,
                { filters: { slug: { $eq: slug } }, locale: first.code, pagination: { pageSize: 1 } },
                kit.signal,
              )
            ).entries[0]
          : undefined;
        const { entry } = found
          ? { entry: found }
          : await saveEntry(
              type,
              undefined,
              { slug, ...data(kit, first) },
              { precondition: 'absent', locale: first.code },
            );
        return { documentId: entry.documentId };
      },
    },
    ...others.map(
      (language): Step<Kit> => ({
        id: `${base}:${language.code}`,
        run: async (kit) => {
          await saveEntry(typeOf(kit, uid), createdDocument(kit, base), data(kit, language), {
            precondition: 'any',
            locale: language.code,
          });
          return {};
        },
      }),
    ),
  ];
}

function articleSteps(spec: Article, scope: Scope): Step<Kit>[] {
  const languages = scope.languages.filter(({ words }) => spec[words]);
  const base = `article:${spec.slug}`;
  const steps = documentSteps({
    kind: 'article',
    uid: ARTICLE,
    slug: spec.slug,
    languages,
    data: (kit, { words }) => {
      const articleText = spec[words] ?? spec.en;
      return {
        title: articleText.title,
        summary: articleText.summary,
        cover: fileOf(kit, spec.cover),
        category: createdDocument(kit, `category:${spec.category}`),
        authors: spec.authors.map((slug) => createdDocument(kit, `author:${slug}`)),
        featured: spec.featured,
        date: dateBefore(spec.daysAgo, scope.now),
        minutes: spec.minutes,
        body: bodyOf(articleText, spec.inside ? fileOf(kit, spec.inside) : undefined),
        seo: seoOf(articleText.title, articleText.summary),
      };
    },
  });
  const publish: Step<Kit> = {
    id: `${base}:publish`,
    run: async (kit) => {
      await runEntryAction(typeOf(kit, ARTICLE), createdDocument(kit, base), 'publish', { locales: '*' }, 'any');
      return {};
    },
  };
  const [first] = languages;
  if (spec.fate === 'published') return [...steps, publish];
  if (spec.fate === 'modified') {
    const change: Step<Kit> = {
      id: `${base}:change`,
      run: async (kit) => {
        await saveEntry(
          typeOf(kit, ARTICLE),
          createdDocument(kit, base),
          { minutes: spec.minutes + 1, featured: true },
          { precondition: 'any', locale: first?.code },
        );
        return {};
      },
    };
    return [...steps, publish, change];
  }
  if (spec.fate === 'scheduled' && first) {
    const plan: Step<Kit> = {
      id: `${base}:schedule`,
      run: async (kit, again) => {
        const subject = { uid: ARTICLE, documentId: createdDocument(kit, base), locale: first.code };
        if (again && (await listSchedules(subject, kit.signal)).length > 0) return {};
        // Nine in the morning, a week from now.
        const localTime = `${dateBefore(-7, scope.now)}T09:00`;
        await schedule(subject, { action: 'publish', localTime, zone: scope.zone });
        return {};
      },
    };
    return [...steps, plan];
  }
  return steps;
}

function releaseSteps(scope: Scope): Step<Kit>[] {
  const name = PAGE.release[scope.languages[0]?.words ?? 'en'];
  return [
    {
      id: 'release',
      run: async (kit, again) => {
        const all = again ? await kit.queries.fetchQuery({ ...releasesQuery(), staleTime: 0 }) : [];
        return { id: (all.find((one) => one.name === name) ?? (await createRelease(name))).id };
      },
    },
    {
      id: 'release:items',
      run: async (kit, again) => {
        const id = kit.made.release?.id ?? 0;
        if (again && (await kit.queries.fetchQuery({ ...releaseItemsQuery(id), staleTime: 0 })).length > 0) return {};
        const waiting = ARTICLES.filter((one) => one.fate === 'release');
        await addToRelease(
          id,
          waiting.flatMap((one) =>
            scope.languages.map(({ code }) => ({
              contentType: ARTICLE,
              documentId: createdDocument(kit, `article:${one.slug}`),
              locale: code,
              action: 'publish' as const,
            })),
          ),
        );
        return {};
      },
    },
  ];
}

function frontPage(scope: Scope): Step<Kit>[] {
  const uid = 'api::front-page.front-page';
  return [
    ...scope.languages.map(
      ({ code, words }): Step<Kit> => ({
        id: `page:${code}`,
        run: async (kit) => {
          const { title, welcome, text } = PAGE[words];
          const data = {
            title,
            welcome,
            cover: fileOf(kit, PAGE.cover),
            highlights: PAGE.highlights.map((slug) => createdDocument(kit, `article:${slug}`)),
            body: [{ __component: 'magazine.text', text }],
            seo: seoOf(title, welcome),
          };
          return {
            documentId: (await saveEntry(typeOf(kit, uid), undefined, data, { precondition: 'any', locale: code }))
              .entry.documentId,
          };
        },
      }),
    ),
    {
      id: 'page:publish',
      run: async (kit) => {
        await runEntryAction(
          typeOf(kit, uid),
          createdDocument(kit, `page:${scope.languages[0]?.code}`),
          'publish',
          { locales: '*' },
          'any',
        );
        return {};
      },
    },
  ];
}

function uploadStep({ file, ...texts }: (typeof PICTURES)[number], scope: Scope): Step<Kit> {
  return {
    id: `picture:${file}`,
    run: async (kit, again) => {
      const folder = kit.made.folder?.id;
      const existing = again ? (await listAssets({ folder, search: file, limit: 1 }, kit.signal)).files[0] : undefined;
      const asset =
        existing ??
        (await uploadFile(await pictureFile(file, kit.signal), { onProgress: () => {}, signal: kit.signal, folder }));
      await changeAsset(asset.documentId, {
        alternativeText: texts[scope.languages[0]?.words ?? 'en'],
        texts: Object.fromEntries(scope.languages.map(({ code, words }) => [code, { alternativeText: texts[words] }])),
      });
      return { id: asset.id, documentId: asset.documentId };
    },
  };
}

/** Everything that makes the demo, in its order. */
export function stepsOf(scope: Scope): Step<Kit>[] {
  const { languages } = scope;
  return [
    ...scope.add.map(
      (code): Step<Kit> => ({
        id: `language:${code}`,
        run: async () => {
          await addLocale(code);
          return {};
        },
      }),
    ),
    {
      id: 'types',
      run: async (kit, again) => {
        if (!(again && contentTypeOf(kit.model, ARTICLE))) await applyChange(TYPES, {});
        return {};
      },
    },
    {
      id: 'folder',
      run: async (kit, again) => {
        const name = PAGE.folder[languages[0]?.words ?? 'en'];
        const existing = again
          ? (await listFolders(kit.signal)).find((folder) => folder.name === name && folder.parent === 0)
          : undefined;
        return { id: (existing ?? (await makeFolder(name, 0))).id };
      },
    },
    ...PICTURES.map((one) => uploadStep(one, scope)),
    ...CATEGORIES.flatMap((one) =>
      documentSteps({
        kind: 'category',
        uid: 'api::category.category',
        slug: one.slug,
        languages,
        data: (_, { words }) => one[words],
      }),
    ),
    ...AUTHORS.flatMap((one) =>
      documentSteps({
        kind: 'author',
        uid: 'api::author.author',
        slug: one.slug,
        languages,
        data: (_, { words }) => ({ name: one.name, job: one.job, bio: one[words].bio }),
      }),
    ),
    ...ARTICLES.flatMap((one) => articleSteps(one, scope)),
    ...frontPage(scope),
    ...(scope.releases ? releaseSteps(scope) : []),
  ];
}
