import { describe, expect, it } from 'vitest';
import type { ContentType } from '@/api/model';
import { testModel } from '@/views/testModel';
import {
  type EntrySearch,
  type FoundEntry,
  itemKey,
  mergeFound,
  partQuery,
  releasableTypes,
  searchParts,
} from './entrySearch';

const [base] = testModel.contentTypes as [ContentType];
const news: ContentType = {
  ...base,
  uid: 'api::news.news',
  kind: 'collectionType',
  draftAndPublish: true,
  localized: true,
};
const tag: ContentType = { ...news, uid: 'api::tag.tag', localized: false };
const log: ContentType = { ...news, uid: 'api::log.log', draftAndPublish: false };
const hidden: ContentType = { ...news, uid: 'api::secret.secret', can: { ...news.can, find: false } };
const everything = { words: '', types: [], locales: [], states: [] };

describe('types of a release', () => {
  it('are those with drafts that may be read', () => {
    expect(releasableTypes([news, tag, log, hidden])).toEqual([news, tag]);
  });
});

const named = (search: EntrySearch) =>
  searchParts([news, tag], search, 'en').map(({ type, locale, state }) => [type.uid, locale, state]);

describe('parts of a search', () => {
  it('ask each type once, in the default language where it has languages', () => {
    expect(named(everything)).toEqual([
      ['api::news.news', 'en', null],
      ['api::tag.tag', null, null],
    ]);
  });

  it('combine types, languages and states', () => {
    expect(named({ ...everything, locales: ['en', 'nl'], states: ['draft', 'modified'] })).toEqual([
      ['api::news.news', 'en', 'draft'],
      ['api::news.news', 'en', 'modified'],
      ['api::news.news', 'nl', 'draft'],
      ['api::news.news', 'nl', 'modified'],
      ['api::tag.tag', null, 'draft'],
      ['api::tag.tag', null, 'modified'],
    ]);
    expect(named({ ...everything, types: ['api::tag.tag'], locales: ['nl'] })).toEqual([['api::tag.tag', null, null]]);
  });

  it('do not narrow by all states', () => {
    expect(named({ ...everything, types: ['api::tag.tag'], states: ['draft', 'modified', 'published'] })).toEqual([
      ['api::tag.tag', null, null],
    ]);
  });
});

describe('the query of a part', () => {
  it('looks for the words in titles, what was changed last first', () => {
    const [part] = searchParts([news], { ...everything, words: ' harbour ', locales: ['nl'], states: ['draft'] }, 'en');
    if (!part) throw new Error('no part');
    expect(partQuery(part)).toEqual({
      filters: { $or: [{ title: { $containsi: 'harbour' } }] },
      fields: ['title', 'updatedAt'],
      sort: ['updatedAt:desc'],
      pagination: { pageSize: 25 },
      locale: 'nl',
      standing: 'draft',
    });
  });

  it('has no filter without words', () => {
    const [part] = searchParts([tag], everything, 'en');
    if (!part) throw new Error('no part');
    expect(partQuery(part)).not.toHaveProperty('filters');
    expect(partQuery(part)).not.toHaveProperty('locale');
  });
});

const found = (documentId: string, updatedAt: string): FoundEntry => ({
  key: itemKey({ contentType: news.uid, documentId, locale: 'en' }),
  type: news,
  documentId,
  locale: 'en',
  title: documentId,
  status: 'draft',
  updatedAt,
});

describe('found entries', () => {
  it('of all parts are in one order, and counted beyond what is shown', () => {
    const merged = mergeFound(
      [
        { entries: [found('a', '2026-01-03'), found('b', '2026-01-01')], total: 40 },
        undefined,
        { entries: [found('c', '2026-01-02')], total: 1 },
      ],
      2,
    );
    expect(merged.entries.map(({ documentId }) => documentId)).toEqual(['a', 'c']);
    expect(merged.total).toBe(41);
  });
});
