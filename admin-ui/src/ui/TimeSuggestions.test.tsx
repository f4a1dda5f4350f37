import { fireEvent, screen } from '@testing-library/react';
import i18next from 'i18next';
import { expect, test, vi } from 'vitest';
import { renderPlain, startTestTexts } from '@/test/render';
import TimeSuggestions from './TimeSuggestions';

test('a suggested time is chosen by its button, which says so', async () => {
  await startTestTexts();
  i18next.addResourceBundle('en', 'common', {
    times: {
      label: 'Suggested times',
      today: 'Today {{time}}',
      tomorrow: 'Tomorrow {{time}}',
      monday: '{{weekday}} {{time}}',
    },
  });
  const choose = vi.fn();
  const { rerender } = await renderPlain(<TimeSuggestions zone="Europe/Amsterdam" value="" onChoose={choose} />);
  const tomorrow = screen.getByRole('button', { name: /^Tomorrow 9:00\sAM$/ });
  expect(tomorrow.getAttribute('aria-pressed')).toBe('false');
  fireEvent.click(tomorrow);
  const [chosen] = choose.mock.calls[0] as [string];
  expect(chosen).toMatch(/^\d{4}-\d\d-\d\dT09:00$/);
  rerender(<TimeSuggestions zone="Europe/Amsterdam" value={chosen} onChoose={choose} />);
  expect(tomorrow.getAttribute('aria-pressed')).toBe('true');
});
