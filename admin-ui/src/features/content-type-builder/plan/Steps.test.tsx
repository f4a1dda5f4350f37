import { screen } from '@testing-library/react';
import i18next from 'i18next';
import { expect, it, vi } from 'vitest';
import type { Plan, PlanStep } from '@/api/schemaChanges';
import { renderPlain, startTestTexts } from '@/fields/testing';
import builder from '@/i18n/en/builder.json';
import { Steps } from './Steps';

vi.mock(import('../builder'), () => ({
  useBuilder: () =>
    ({
      base: { contentTypes: {}, components: {} },
      draft: { present: { contentTypes: {}, components: {} } },
    }) as never,
}));

const step = (id: string, kind: PlanStep['class']) =>
  ({ id, class: kind, owner: 'api::faq.faq', sentence: id, rows: 3, change: { change: kind } }) as unknown as PlanStep;

it('says of a rename that clients of the API break', async () => {
  await startTestTexts();
  i18next.addResourceBundle('en', 'builder', builder);
  const plan = { steps: [step('add', 'add'), step('rename', 'rename')] } as unknown as Plan;
  await renderPlain(<Steps plan={plan} answers={{}} onAnswers={() => {}} />);
  expect(screen.getAllByText(/clients that use the old name stop working/)).toHaveLength(1);
});
