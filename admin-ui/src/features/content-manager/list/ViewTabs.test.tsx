import { screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { renderPlain } from '@/fields/testing';
import { ViewTabs } from './ViewTabs';

afterEach(() => vi.restoreAllMocks());

test('a saved view that has no room side by side with the others is hidden, and its tab is no stop', async () => {
  // All entries and two views fit; jsdom has no layout of its own.
  vi.spyOn(HTMLElement.prototype, 'offsetTop', 'get').mockImplementation(function (this: HTMLElement) {
    return [...(this.parentElement?.children ?? [])].indexOf(this) < 3 ? 0 : 36;
  });
  const views = ['Mine', 'Late', 'Drafts'].map((name, id) => ({ id, name }));
  const saved = { views, current: views[1], isModified: false, canOpen: () => true };
  await renderPlain(<ViewTabs saved={saved as never} />);
  const tabs = screen.getAllByRole('button').map((tab) => tab.textContent);
  expect(tabs.slice(1)).toEqual(['Mine', 'Late']);
  expect(screen.getByRole('button', { name: 'Late' }).getAttribute('aria-current')).toBe('true');
});
