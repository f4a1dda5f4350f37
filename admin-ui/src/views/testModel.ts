import type { Model } from '@/api/model';

const can = {
  find: true,
  create: true,
  update: true,
  delete: true,
  publish: true,
  fields: { read: null, write: null },
};
const shared = {
  kind: 'collectionType' as const,
  draftAndPublish: true,
  localized: false,
  previewable: false,
  privateFiles: false,
  missingChecks: [],
  can,
};

/** A small content model for tests: articles with a category. */
export const testModel: Model = {
  hash: 'h',
  locked: false,
  components: [
    {
      uid: 'shared.seo',
      category: 'shared',
      displayName: 'SEO',
      icon: null,
      attributes: { metaTitle: { type: 'string' } },
    },
  ],
  contentTypes: [
    {
      ...shared,
      uid: 'api::article.article',
      info: { singularName: 'article', pluralName: 'articles', displayName: 'Article', description: '' },
      titleField: 'title',
      route: 'articles',
      attributes: {
        title: { type: 'string', required: true },
        body: { type: 'richtext' },
        views: { type: 'integer' },
        featured: { type: 'boolean' },
        topic: { type: 'enumeration', enum: ['news', 'people', 'tech'] },
        day: { type: 'date' },
        startsAt: { type: 'datetime' },
        cover: { type: 'media', multiple: false },
        category: { type: 'relation', relation: 'manyToOne', target: 'api::category.category' },
        tags: { type: 'relation', relation: 'manyToMany', target: 'api::category.category' },
        seo: { type: 'component', component: 'shared.seo', repeatable: false },
        secret: { type: 'password' },
        rank: { type: 'string' },
        price: { type: 'decimal' },
        currency: { type: 'string' },
      },
    },
    {
      ...shared,
      uid: 'api::category.category',
      info: { singularName: 'category', pluralName: 'categories', displayName: 'Category', description: '' },
      titleField: 'name',
      route: 'categories',
      attributes: {
        name: { type: 'string' },
        colour: { type: 'string' },
        above: { type: 'relation', relation: 'manyToOne', target: 'api::category.category' },
      },
    },
  ],
};
