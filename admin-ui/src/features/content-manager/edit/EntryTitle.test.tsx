import { act, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { ContentType } from '@/api/model';
import { renderPlain } from '@/fields/testing';
import { testModel } from '@/views/testModel';
import { EntryTitle } from './EntryTitle';
import { loadedEntry, openSession } from './testing';

vi.mock(import('./EntryTrail'), () => ({ EntryTrail: () => null as never }));

const [article] = testModel.contentTypes as [ContentType];
const texts = { slug: { type: 'uid', targetField: 'question' }, question: { type: 'string' } } as const;
const faq: ContentType = { ...article, titleField: 'slug', titleFallback: 'question', attributes: texts };

async function show(type: ContentType, values: object) {
  const session = openSession(type, loadedEntry(values));
  await renderPlain(<EntryTitle session={session} focusField={undefined} />);
  return session;
}

const heading = () => screen.getByRole('heading', { level: 1 }).textContent;

it('is what is typed into the title', async () => {
  const session = await show(article, { title: 'Old' });
  act(() => session.store.set('title', 'New'));
  expect(heading()).toBe('New');
});

it('is what stands in for a title that is empty', async () => {
  await show(faq, { slug: null, question: 'How long does it take?' });
  expect(heading()).toBe('How long does it take?');
});

it('says the type where the entry has no title', async () => {
  await show(article, { title: null });
  expect(heading()).toContain('Article');
});

it('is the name of a single type, whatever its first text is', async () => {
  const type = { ...article, kind: 'singleType' as const, titleField: 'contactEmail' };
  await show(
    {
      ...type,
      info: { ...type.info, displayName: 'Portal settings' },
      attributes: { contactEmail: { type: 'email' } },
    },
    { contactEmail: 'portal@example.com' },
  );
  expect(heading()).toBe('Portal settings');
});
