import i18next, { type TFunction } from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ContentType } from '@/api/model';
import en from '@/i18n/en/owners.json';
import { toDuration, validateOwner, toHours, phaseFields, trimOwnerInput } from './owner';
import { describeOwner } from './describeOwner';

const names = { type: () => 'News', person: (id: number) => (id === 1 ? 'Anna' : 'Bob'), role: () => 'Editor' };
const type = (uid: string, attributes: object): ContentType => ({ uid, attributes }) as ContentType;
let t: TFunction;

beforeAll(async () => {
  t = await i18next
    .createInstance()
    .init({ lng: 'en', ns: ['owners'], resources: { en: { owners: en } }, interpolation: { escapeValue: false } });
});

describe('an owner', () => {
  it.each([
    [72, { amount: 3, unit: 'days' }],
    [168, { amount: 1, unit: 'weeks' }],
    [25, { amount: 25, unit: 'hours' }],
  ] as const)('%i hours are converted to the largest unit', (hours, duration) => {
    expect(toDuration(hours)).toEqual(duration);
    expect(toHours(duration)).toBe(hours);
  });

  it('is described in a sentence', () => {
    expect(describeOwner(t, { contentType: 'api::news.news', user: 1 }, names)).toBe('News belongs to Anna.');
    expect(
      describeOwner(
        t,
        { phase: 'launch', role: 'editor', escalation: { overdueAfterHours: 24, users: [2], roles: [] } },
        names,
      ),
    ).toBe(
      'Everything in the phase “launch” belongs to everyone with the role Editor. When it is 1 day late, Bob will be notified.',
    );
  });

  it('requires content, people, and for an escalation a time and recipients', () => {
    expect(validateOwner({})).toEqual(['what', 'who']);
    expect(validateOwner({ phase: 'a', team: 'b', escalation: { overdueAfterHours: 1 } })).toEqual(['whom']);
    expect(validateOwner({ phase: 'a', team: 'b', escalation: { users: [1] } })).toEqual(['when']);
    expect(validateOwner({ phase: 'a', team: 'b' })).toEqual([]);
  });

  it('is sent without empty values', () => {
    expect(
      trimOwnerInput({
        phase: ' launch ',
        phaseField: 'phase',
        team: ' ',
        user: 1,
        escalation: { users: [], roles: [] },
      }),
    ).toEqual({
      contentType: null,
      phase: 'launch',
      phaseField: null,
      user: 1,
      role: null,
      team: null,
      escalation: null,
    });
  });

  it('can have its phase in a single-value attribute, also through a relation to one', () => {
    const phase = type('api::phase.phase', { slug: { type: 'uid' }, secret: { type: 'string', private: true } });
    const news = type('api::news.news', {
      topic: { type: 'enumeration' },
      body: { type: 'blocks' },
      phase: { type: 'relation', relation: 'manyToOne', target: 'api::phase.phase' },
      others: { type: 'relation', relation: 'oneToMany', target: 'api::phase.phase' },
    });
    expect(phaseFields(news, [phase, news])).toEqual(['topic', 'phase.slug']);
  });
});
