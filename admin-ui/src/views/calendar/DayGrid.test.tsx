import { fireEvent, screen } from '@testing-library/react';
import i18next from 'i18next';
import { beforeEach, expect, test, vi } from 'vitest';
import views from '@/i18n/en/views.json';
import { renderPlain, startTestTexts } from '@/test/render';
import { DayGrid } from './DayGrid';
import type { CalendarMode } from './days';

const DAY = new Date(2026, 10, 20);
const items = Array.from({ length: 1_250 }, (_, at) => ({
  id: String(at),
  day: '2026-11-20',
  title: `Item ${at}`,
  content: `Item ${at}`,
  movable: false,
}));

beforeEach(async () => {
  await startTestTexts();
  i18next.addResourceBundle('en', 'views', views);
});

const grid = (mode: CalendarMode, onChange = vi.fn()) => (
  <DayGrid label="Calendar" mode={mode} day={DAY} onChange={onChange} items={items} />
);

test.each(['week', 'agenda'] as const)('a day with many items shows them in parts: %s', async (mode) => {
  const { container } = await renderPlain(grid(mode));
  expect(container.querySelectorAll('li')).toHaveLength(100);
  fireEvent.click(screen.getByText('1,150 more'));
  expect(container.querySelectorAll('li')).toHaveLength(200);
  expect(screen.getByText('1,050 more')).toBeTruthy();
});

test('a day of a month leads to its week for more, which begins with its own part', async () => {
  const onChange = vi.fn();
  const { container, rerender } = await renderPlain(grid('month', onChange));
  expect(container.querySelectorAll('li')).toHaveLength(3);
  fireEvent.click(screen.getByText('1,247 more'));
  expect(onChange).toHaveBeenCalledWith('week', DAY);
  rerender(grid('week', onChange));
  expect(container.querySelectorAll('li')).toHaveLength(100);
});
