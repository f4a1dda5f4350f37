import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { expect, it, vi } from 'vitest';
import type { Stage } from '@/api/workflows';
import { renderPlain, startTestTexts } from '@/fields/testing';
import settings from '@/i18n/en/settings.json';
import { StageCard } from './StageCard';

const roles = [
  { value: 'super-admin', label: 'Administrator' },
  { value: 'editor', label: 'Editor' },
];

async function open(more: Partial<Stage>) {
  await startTestTexts();
  i18next.addResourceBundle('en', 'settings', settings);
  const onChange = vi.fn();
  await renderPlain(
    <StageCard
      workflow={{ name: 'news', contentTypes: [], stages: [{ name: 'draft' }, { name: 'review', ...more }] }}
      at={1}
      roles={roles}
      error={null}
      onRename={() => undefined}
      onChange={onChange}
      onMove={() => undefined}
      onRemove={() => undefined}
    />,
  );
  return onChange;
}

const rules = () => screen.getByText('Moving entries: stages and roles').closest('details') as HTMLDetailsElement;

it('shows roles by their names, and stores their codes', async () => {
  const onChange = await open({ enter: ['super-admin'] });
  expect(rules().open).toBe(true);
  expect(screen.getAllByText('Administrator').length).toBeGreaterThan(0);
  expect(screen.queryByText('super-admin')).toBeNull();
  await userEvent.click(screen.getByRole('combobox', { name: 'Roles that can move entries in' }));
  await userEvent.click(await screen.findByRole('option', { name: 'Editor' }));
  expect(onChange).toHaveBeenCalledWith({ enter: ['super-admin', 'editor'] });
});

it('folds the rules of moving away while there are none', async () => {
  await open({});
  expect(rules().open).toBe(false);
});
