// What the generated types accept and refuse: tsc compiles this file in the tests, and nothing runs it.
import type { Article, ContentTypes, Entry, EntryUpdate, ListResponse, NewEntry, Query, Filters } from './cairn-types.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const check = <T extends true>(): T | undefined => undefined;
type A = 'api::article.article';
/** What `@strapi/client` demands of a document. */
interface StrapiDocument { documentId: string; createdAt: string; updatedAt: string; [field: string]: unknown }
interface StrapiList<T extends StrapiDocument> { data: T[] }

// ---- what is read ----
declare const plain: Article;
check<Equal<(typeof plain)['title'], string>>();
check<Equal<(typeof plain)['views'], string | null>>();
check<Equal<(typeof plain)['publishedAt'], string>>();
// @ts-expect-error not populated
plain.author;
// @ts-expect-error no such field
plain.titel;
// @ts-expect-error private
plain.code;
// drafts
declare const draft: Article<{ status: 'draft'; populate: ['author', 'seo'] }>;
check<Equal<(typeof draft)['title'], string | null>>();
check<Equal<(typeof draft)['publishedAt'], string | null>>();
check<Equal<NonNullable<(typeof draft)['seo']>['metaTitle'], string | null>>();
// fields
declare const few: Article<{ fields: ['title'] }>;
check<Equal<keyof typeof few, 'id' | 'documentId' | 'title'>>();
// populate
declare const one: Article<{ populate: 'author' }>;
check<Equal<NonNullable<(typeof one)['author']>['name'], string>>();
// @ts-expect-error
one.cover;
declare const star: Article<{ populate: '*' }>;
star.sections[0]?.__component;
star.localizations[0]!.title;
star.cover?.formats?.['small']?.url;
// @ts-expect-error onRequest
star.cover?.srcset;
declare const listed: Article<{ populate: ['author.articles', 'cover'] }>;
check<Equal<NonNullable<(typeof listed)['author']>['articles'][0]['title'], string>>();
declare const comma: Article<{ populate: 'author,cover' }>;
comma.cover?.url;
declare const deep: Article<{ populate: { author: { fields: ['name']; populate: { articles: { fields: ['slug'] } } }; cover: true; gallery: false; parts: { populate: '*' } } }>;
check<Equal<NonNullable<(typeof deep)['author']>['articles'][0]['slug'], string>>();
// @ts-expect-error
deep.author?.articles[0]?.title;
// @ts-expect-error
deep.gallery;
deep.parts[0]?.seo?.metaTitle;
declare const counted: Article<{ populate: { parts: { count: true } } }>;
check<Equal<(typeof counted)['parts'], { count: number }>>();
// zones
declare const zones: Article<{ populate: { sections: { on: { 'shared.part': { populate: ['seo'] } } } } }>;
check<Equal<(typeof zones)['sections'][0]['__component'], 'shared.part'>>();
zones.sections[0]?.seo?.metaTitle;
for (const section of star.sections) {
  if (section.__component === 'shared.seo') section.metaTitle.length;
  // @ts-expect-error the other component
  else section.metaTitle;
}
// ---- queries ----
const query = { populate: ['author'], filters: { title: { $containsi: 'x' }, author: { name: { $eq: 'y' } }, $or: [{ state: 'new' }] }, sort: 'title:desc', pagination: { page: 1 } } as const satisfies Query<A>;
declare const list: ListResponse<A, typeof query>;
list.data[0]?.author?.name;
list.meta.pagination.total;
// @ts-expect-error misspelt
const wrong: Filters<A> = { titel: 'x' };
// @ts-expect-error no such relation
const wrong2: Query<A> = { populate: ['autor'] };
// @ts-expect-error no such value
const wrong3: Filters<A> = { state: { $eq: 'old' } };
// @ts-expect-error the server knows these around conditions on fields, and not inside
const wrong4: Filters<A> = { title: { $or: [{ $eq: 'x' }] } };
// As a type argument of Strapi's client.
declare const response: StrapiList<Article<{ populate: ['author'] }>>;
response.data[0]?.author?.name;
// ---- what is written ----
const created: NewEntry<A> = { title: 'x', slug: 'x', visible: true, cover: 3, seo: { metaTitle: 'x', image: 3 }, sections: [{ __component: 'shared.part', text: 'x' }], author: { connect: ['abc'] }, code: 'geheim' };
// @ts-expect-error lacks what is required
const lacking: NewEntry<A> = { title: 'x' };
const update: EntryUpdate<A> = { title: null, author: null, gallery: [1, 2] };
// @ts-expect-error system fields
const system: EntryUpdate<A> = { documentId: 'x' };
// @ts-expect-error a component that is not in the zone
const zone: EntryUpdate<A> = { sections: [{ __component: 'shared.other' }] };
// ---- in libraries that know no project ----
type Given<Q> = ContentTypes & { uid: A; query: Q };
check<Equal<Given<{ populate: ['author'] }>['entry'], Article<{ populate: ['author'] }>>>();
check<Equal<Given<unknown>['parameters'], Query<A>>>();
check<Equal<Given<unknown>['newEntry'], NewEntry<A>>>();
check<Equal<Given<unknown>['entryUpdate'], EntryUpdate<A>>>();
check<Equal<ContentTypes['models'][A]['route'], 'articles'>>();
// ---- in functions of a front end ----
export function titles<Q extends Query<A>>(entries: Entry<A, Q>[]): number { return entries.length; }
export { wrong, wrong2, wrong3, wrong4, created, lacking, update, system, zone };
