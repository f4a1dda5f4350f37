// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import type { Attributes, Model } from '@/api/model';
import { isUnseen, relatedOf } from './concerns';

const attributes: Attributes = {
  title: { type: 'string' },
  author: { type: 'relation', relation: 'manyToOne', target: 'api::person.person' },
  anything: { type: 'relation', relation: 'morphToMany' },
  sections: { type: 'dynamiczone', components: ['block.link'] },
};
const model: Model = {
  contentTypes: [],
  components: [
    {
      uid: 'block.link',
      category: 'block',
      displayName: 'Link',
      icon: null,
      attributes: { to: { type: 'relation', relation: 'oneToOne', target: 'api::person.person' } },
    },
  ],
  hash: '',
  locked: false,
};

describe('before publishing', () => {
  it('finds related entries once, also within components', () => {
    const anna = { documentId: 'a', title: 'Anna' };
    const values = {
      title: 'x',
      author: [anna],
      anything: [{ documentId: 'n', title: 'News', __type: 'api::news.news' }],
      sections: [
        { __key: '1', __component: 'block.link', to: [anna] },
        { __key: '2', __component: 'block.link', to: [{ documentId: 'b', title: 'Bo' }] },
      ],
    };
    expect(relatedOf(model, attributes, values).map(({ uid, documentId }) => `${uid} ${documentId}`)).toEqual([
      'api::person.person a',
      'api::news.news n',
      'api::person.person b',
    ]);
  });

  it('checks the published locale; failed checks are not reported', () => {
    const state = {
      status: 'published' as const,
      version: 1,
      locales: [
        { locale: 'en', status: 'published' as const },
        { locale: 'nl', status: 'draft' as const },
      ],
    };
    expect(isUnseen(state, 'nl')).toBe(true);
    expect(isUnseen(state, 'en')).toBe(false);
    expect(isUnseen({ status: 'draft', version: 1, locales: [] }, undefined)).toBe(true);
    expect(isUnseen(undefined, 'en')).toBe(false);
  });
});
