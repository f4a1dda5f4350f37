import i18next, { type TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import en from '@/i18n/en/views.json';
import nl from '@/i18n/nl/views.json';
import { obstaclesOfRefusal, obstacleText, type ReviewObstacle } from './obstacles';

async function texts(language: 'en' | 'nl'): Promise<TFunction<'views'>> {
  const instance = i18next.createInstance();
  await instance.init({ lng: language, resources: { en: { views: en }, nl: { views: nl } }, ns: ['views'] });
  return instance.getFixedT(language, 'views') as TFunction<'views'>;
}

const roleName = (code: string) => (code === 'editor' ? 'Eindredactie' : code);

describe('what stands in the way of a document', () => {
  it.each<[ReviewObstacle, string, string]>([
    [
      { code: 'publishStage', stage: 'draft', publishIn: ['ready'] },
      'It can only be published in ready; it is now in “draft”.',
      'Publiceren kan alleen in ready; het staat nu in “draft”.',
    ],
    [
      { code: 'approvals', role: 'editor', needed: 1, have: 0 },
      'Approval by Eindredactie is missing.',
      'De goedkeuring door Eindredactie ontbreekt nog.',
    ],
    [
      { code: 'approvals', role: 'editor', needed: 3, have: 1 },
      '2 more approvals by Eindredactie needed (1 of 3 given).',
      'Nog 2 goedkeuringen door Eindredactie nodig (1 van 3 gegeven).',
    ],
    [
      { code: 'enterRole', stage: 'ready', roles: ['editor'] },
      'Only people with the role Eindredactie can move it to “ready”.',
      'Alleen mensen met de rol Eindredactie kunnen het naar “ready” zetten.',
    ],
  ])('%j is worded in the language of the reader', async (obstacle, english, dutch) => {
    expect(obstacleText(await texts('en'), obstacle, roleName)).toBe(english);
    expect(obstacleText(await texts('nl'), obstacle, roleName)).toBe(dutch);
  });

  it('is read from a refusal to publish', () => {
    const review = {
      stage: 'draft',
      publishIn: ['ready'],
      missing: [{ role: 'editor', needed: 1, have: 0, fell: [] }],
    };
    expect(obstaclesOfRefusal({ review })).toEqual([
      { code: 'publishStage', stage: 'draft', publishIn: ['ready'] },
      { code: 'approvals', role: 'editor', needed: 1, have: 0 },
    ]);
    expect(obstaclesOfRefusal({ errors: [] })).toEqual([]);
  });
});
