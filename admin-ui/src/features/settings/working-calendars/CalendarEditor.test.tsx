import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/ApiError';
import type { RequestOptions } from '@/api/client';
import type { CalendarPreview, WorkingCalendar } from '@/api/workingCalendars';
import { Providers, startTestTexts } from '@/fields/testing';
import common from '@/i18n/en/common.json';
import settings from '@/i18n/en/settings.json';
import workingCalendars from '@/i18n/en/workingCalendars.json';
import { newCalendarDraft, toCalendarDraft } from './calendarDraft';
import { CalendarEditor } from './CalendarEditor';

/** What was stored, in order, and what the year was asked of. */
let stored: Record<string, WorkingCalendar | null>[];
let previewed: WorkingCalendar[];
let answerSave: () => void;
let answerPreview: () => CalendarPreview;

vi.mock(import('@/api/client'), async (actual) => ({
  ...(await actual()),
  request: (async (_method: string, path: string, { body }: RequestOptions = {}) => {
    if (path.endsWith('/preview')) {
      previewed.push((body as { calendar: WorkingCalendar }).calendar);
      return { data: answerPreview() };
    }
    answerSave();
    stored.push(body as Record<string, WorkingCalendar | null>);
    return { data: body };
  }) as never,
}));

const NIGHT: WorkingCalendar = {
  title: 'Night shift',
  zone: 'Europe/Amsterdam',
  hours: { monday: ['22:00-06:00'] },
  holidays: [{ date: '04-27', name: 'King’s Day', moved: { sunday: -1 } }],
};
const YEAR = new Date().getFullYear();

function refusal(path: string[], message: string): ApiError {
  const errors = [{ path, message, name: 'ValidationError' }];
  return new ApiError({ status: 400, name: 'ValidationError', message: 'wrong', details: { errors } });
}

async function draw(node: React.ReactNode): Promise<void> {
  await startTestTexts();
  for (const [name, texts] of Object.entries({ common, settings, workingCalendars }))
    i18next.addResourceBundle('en', name, texts);
  const root = createRootRoute({ component: Outlet });
  const page = createRoute({ getParentRoute: () => root, path: '/', component: () => node });
  const other = createRoute({ getParentRoute: () => root, path: '$', component: () => <p>Another page</p> });
  const router = createRouter({
    routeTree: root.addChildren([page, other]),
    history: createMemoryHistory({ initialEntries: ['/'] }),
  });
  render(
    <Providers>
      <RouterProvider router={router as never} />
    </Providers>,
  );
  await screen.findByRole('heading', { level: 1 });
}

const drawNight = (calendar = NIGHT): Promise<void> =>
  draw(<CalendarEditor name="night" initial={toCalendarDraft(calendar)} taken={['night']} />);
const drawNew = (): Promise<void> =>
  draw(<CalendarEditor initial={newCalendarDraft('Europe/Amsterdam')} taken={['night']} />);
const press = (name: string): Promise<void> => userEvent.click(screen.getByRole('button', { name }));
const save = (): Promise<void> => press('Save');
const fill = (field: HTMLElement, value: string): boolean => fireEvent.change(field, { target: { value } });
const nameField = (): HTMLElement => screen.getByLabelText(/^Name/, { selector: 'input' });

// The router scrolls to the top of a page.
window.scrollTo = () => {};

beforeEach(() => {
  stored = [];
  previewed = [];
  answerSave = () => {};
  answerPreview = () => ({ days: [], workingMinutes: 120_000 });
});

describe('a new calendar', () => {
  it('is named after its title, until a name is typed', async () => {
    await drawNew();
    fill(screen.getByLabelText('Title'), 'Café & Spa ');
    expect(nameField()).toHaveProperty('value', 'cafe-spa');
    fill(nameField(), 'spa');
    fill(screen.getByLabelText('Title'), 'Café & Spa II');
    await press('Add calendar');
    await screen.findByText('Another page');
    expect(Object.keys(stored[0] ?? {})).toEqual(['spa']);
    expect(stored[0]?.spa).toMatchObject({ title: 'Café & Spa II', zone: 'Europe/Amsterdam' });
  });

  it('never replaces another one, and has to have a name', async () => {
    await drawNew();
    await press('Add calendar');
    expect(await screen.findByText('Enter a title or a name.')).toBeTruthy();
    expect(document.activeElement).toBe(nameField());
    fill(screen.getByLabelText('Title'), 'Night');
    await screen.findByText('There already is a calendar with this name.');
    await press('Add calendar');
    expect(stored).toEqual([]);
  });
});

describe('a calendar', () => {
  it('is stored alone, by its name', async () => {
    await drawNight();
    expect(nameField()).toHaveProperty('readOnly', true);
    fill(screen.getByLabelText('Title'), 'Night shifts');
    await save();
    await screen.findByText('Saved');
    expect(stored).toEqual([{ night: { ...NIGHT, title: 'Night shifts' } }]);
  });

  it('has nights that end on the next day, copied to the other weekdays, and a total', async () => {
    await drawNight();
    const monday = screen.getByRole('group', { name: 'Monday' });
    expect(within(monday).getByText('until the next day')).toBeTruthy();
    expect(screen.getByText('8 hours per week')).toBeTruthy();
    await press('Copy to the other weekdays: Monday');
    expect(screen.getByText('40 hours per week')).toBeTruthy();
    await press('Add hours: Saturday');
    expect(document.activeElement).toBe(screen.getByLabelText('Saturday, hours 1: from'));
    await press('Remove: Monday, hours 1');
    expect(within(monday).getByText('Closed')).toBeTruthy();
    await save();
    await screen.findByText('Saved');
    expect(Object.keys(stored[0]?.night?.hours ?? {})).toEqual([
      'tuesday',
      'wednesday',
      'thursday',
      'friday',
      'saturday',
    ]);
  });

  it('is not sent while a time is missing', async () => {
    await drawNight();
    await press('Add hours: Monday');
    await save();
    await screen.findByText('Enter both times.');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Monday, hours 2: from')));
    expect(stored).toEqual([]);
  });

  it('shows the server’s problem at its field until it is corrected', async () => {
    await drawNight();
    answerSave = () => {
      throw refusal(['night', 'holidays', '0', 'date'], 'no year has this day');
    };
    fill(screen.getByLabelText('Title'), 'Night shifts');
    expect(screen.queryByLabelText('Day')).toBeNull();
    await save();
    await screen.findByText('One thing needs your attention');
    // The line has opened by itself.
    const day = screen.getByLabelText('Day');
    expect(day.getAttribute('aria-invalid')).toBe('true');
    fill(day, '28');
    await waitFor(() => expect(screen.queryByText('no year has this day')).toBeNull());
  });

  it('has days off of its own, which are removed and added', async () => {
    await drawNight();
    await press('Remove: King’s Day');
    expect(screen.queryByRole('list', { name: 'Days of your own' })).toBeNull();
    await press('Add day');
    fill(await screen.findByLabelText('Name of the day'), 'Inventory');
    fill(screen.getByLabelText('Date'), `${YEAR}-06-30`);
    await userEvent.click(screen.getByLabelText('Different hours'));
    await save();
    await screen.findByText('Saved');
    expect(stored[0]?.night?.holidays).toEqual([{ date: `${YEAR}-06-30`, name: 'Inventory', hours: ['09:00-12:00'] }]);
  });

  it('moves a day off, and has it in certain years only', async () => {
    await drawNight();
    await press('Edit: King’s Day');
    // There is something in it: it is unfolded.
    await press('Add weekday');
    fill(screen.getByLabelText('Every … years'), '5');
    fill(screen.getByLabelText('From year'), '2020');
    await press('Do not move: Sunday');
    await save();
    await screen.findByText('Saved');
    expect(stored[0]?.night?.holidays?.[0]).toEqual({
      date: '04-27',
      name: 'King’s Day',
      moved: { saturday: 1 },
      every: { years: 5, from: 2020 },
    });
  });
});

describe('the year', () => {
  it('shows what the server computes of the draft', async () => {
    answerPreview = () => ({
      days: [
        { date: `${YEAR + 1}-04-27`, name: 'Koningsdag', source: 'preset', hours: [] },
        { date: `${YEAR + 1}-12-24`, name: 'Christmas Eve', source: 'holiday', hours: ['09:00-12:00'] },
      ],
      workingMinutes: 104_000,
    });
    await drawNight();
    await press('Next year');
    await screen.findByText(`1,733 hours 20 minutes of working time in ${YEAR + 1}`);
    const days = within(screen.getByRole('list', { name: `Days off in ${YEAR + 1}` }));
    expect(days.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      expect.stringContaining('Koningsdag'),
      expect.stringContaining('09:00–12:00'),
    ]);
    const picture = screen.getByRole('img', {
      name: `${YEAR + 1}: 2 days that differ from the week. They are listed below.`,
    });
    expect(picture.querySelector(`[data-date="${YEAR + 1}-04-27"]`)?.getAttribute('data-state')).toBe('off');
    expect(picture.querySelector(`[data-date="${YEAR + 1}-12-24"]`)?.getAttribute('data-state')).toBe('special');
  });

  it('is not asked of a calendar that is half typed', async () => {
    await drawNight();
    await waitFor(() => expect(previewed).toHaveLength(1));
    await press('Add hours: Monday');
    fill(screen.getByLabelText('Monday, hours 2: from'), '07:00');
    fill(screen.getByLabelText('Monday, hours 2: to'), '08:00');
    await waitFor(() => expect(previewed).toHaveLength(2), { timeout: 3000 });
    expect(previewed[1]?.hours.monday).toEqual(['22:00-06:00', '07:00-08:00']);
  });

  it('shows problems at their fields before anything is saved', async () => {
    answerPreview = () => {
      throw refusal(['calendar', 'hours', 'monday', '0'], 'overlaps');
    };
    await drawNight();
    await screen.findByText('overlaps');
    expect(screen.getByText('Correct the marked fields to see the days off.')).toBeTruthy();
    expect(screen.getByLabelText('Monday, hours 1: from').getAttribute('aria-invalid')).toBe('true');
  });
});
