import { describe, expect, it } from 'vitest';
import { type ContentType, contentTypeOf, labelAttributes, type Model } from '@/api/model';
import { testModel } from './testModel';
import { fieldHeading } from './table/columns';
import { labelOf, pathLabelOf, valueLabelOf, valueOptions } from '@/fields/label';

const labels: Record<string, NonNullable<ContentType['labels']>> = {
  'api::article.article': {
    topic: { label: 'Onderwerp', hint: 'Waar het over gaat', valueLabels: { news: 'Nieuws' } },
    category: { label: 'Rubriek' },
  },
  'api::category.category': { name: { label: 'Naam' } },
};
const labelled: Model = labelAttributes({
  ...testModel,
  contentTypes: testModel.contentTypes.map((one): ContentType => ({ ...one, labels: labels[one.uid] ?? {} })),
  components: testModel.components.map((one) => ({
    ...one,
    labels: { metaTitle: { label: 'Titel voor zoekmachines' } },
    fields: { metaTitle: { width: 'half' } },
  })),
});
const type = contentTypeOf(labelled, 'api::article.article') as ContentType;

const named = (own: string): string => `own ${own}`;

describe('labels', () => {
  it("are the plugin's, or else the words of the name", () => {
    expect(labelOf('topic', type.attributes.topic)).toBe('Onderwerp');
    expect(labelOf('startsAt', type.attributes.startsAt)).toBe('Starts at');
    expect(type.attributes.topic?.hint).toBe('Waar het over gaat');
    // What the schema says of an attribute is still there.
    expect(type.attributes.topic?.enum).toEqual(['news', 'people', 'tech']);
  });

  it('follow a path through relations, components and places', () => {
    expect(pathLabelOf(labelled, type.attributes, ['category', 'name'])).toBe('Rubriek › Naam');
    expect(pathLabelOf(labelled, type.attributes, ['seo', '2', 'metaTitle'])).toBe('SEO › 3 › Titel voor zoekmachines');
    expect(pathLabelOf(labelled, type.attributes, ['gone', 'name'])).toBe('Gone › Name');
  });

  it('are headings of columns, beside the names of what every entry has', () => {
    expect(fieldHeading(labelled, type, 'topic', named)).toBe('Onderwerp');
    expect(fieldHeading(labelled, type, 'updatedAt', named)).toBe('own updatedAt');
    expect(fieldHeading(labelled, type, 'category.updatedAt', named)).toBe('Rubriek › own updatedAt');
  });

  it('of values stand for those that have one, also where a value is no longer among them', () => {
    expect(valueLabelOf(type.attributes.topic, 'news')).toBe('Nieuws');
    expect(valueLabelOf(type.attributes.topic, 'tech')).toBe('tech');
    expect(valueLabelOf(type.attributes.topic, 'constructor')).toBe('constructor');
    expect(valueOptions(type.attributes.topic, ['old']).map(({ label }) => label)).toEqual([
      'Nieuws',
      'people',
      'tech',
      'old',
    ]);
  });
});
