import { screen } from '@testing-library/react';
import i18next from 'i18next';
import { expect, it, vi } from 'vitest';
import builder from '@/i18n/en/builder.json';
import { startTestTexts } from '@/fields/testing';
import { renderAt } from '@/test/renderAt';
import PlanPage from './PlanPage';

const state = vi.hoisted(() => ({ count: 0, draft: { applied: null as object | null, present: {} } }));
vi.mock(import('./builder'), async (actual) => ({ ...(await actual()), useBuilder: () => state as never }));
vi.mock(import('./BuilderScope'), () => ({ BuilderScope: ({ children }) => <>{children}</> }));
vi.mock(import('./CreatedTypes'), () => ({ CreatedTypes: () => [] as never }));
vi.mock(import('./addresses'), () => ({ builderAddress: { to: () => ({ to: '/content' }) } as never }));

async function open(applied: object | null) {
  state.draft.applied = applied;
  await startTestTexts();
  i18next.addResourceBundle('en', 'builder', builder);
  await renderAt('/', <PlanPage />);
  await screen.findByRole('heading', { name: builder.plan.title });
}

it('does not say that nothing has happened above what has been done', async () => {
  await open({ steps: ['A field was added.'], notes: [], trashed: [], files: [] });
  expect(screen.getByText('A field was added.')).toBeTruthy();
  expect(screen.queryByText(builder.plan.lead)).toBeNull();
  expect(screen.queryByText(builder.plan.nothing)).toBeNull();
});

it('says that there is nothing to do before anything was changed', async () => {
  await open(null);
  expect(screen.getByText(builder.plan.nothing)).toBeTruthy();
});
