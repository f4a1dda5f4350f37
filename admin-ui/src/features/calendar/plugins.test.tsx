import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { useState } from 'react';
import { beforeAll, expect, test, vi } from 'vitest';
import type { PluginCalendar, PluginDocument } from '@/api/calendar';
import calendarTexts from '@/i18n/en/calendar.json';
import { renderPlain, startTestTexts } from '@/test/render';
import { PluginDocumentChip } from './PluginDocumentChip';
import { PluginLegend } from './PluginLegend';
import { pluginItems } from './pluginItems';

// A link without a router around it.
vi.mock(import('@tanstack/react-router'), async (actual) => ({
  ...(await actual()),
  Link: (({ params, children }: { params?: object; children?: React.ReactNode }) => (
    <a href={Object.values(params ?? {}).join('/')}>{children}</a>
  )) as never,
}));

beforeAll(async () => {
  await startTestTexts();
  i18next.addResourceBundle('en', 'calendar', calendarTexts);
});

const document: PluginDocument = {
  documentId: 'e1',
  locale: null,
  title: 'Tour of the yard',
  firstDay: '2026-12-05',
  lastDay: '2026-12-06',
  time: '10:00',
};

const events: PluginCalendar = {
  plugin: 'bookings',
  pluginName: 'Bookings',
  name: 'events',
  label: 'Events',
  icon: 'ticket',
  tone: 'info',
  contentType: 'plugin::bookings.event',
  documents: [document],
  more: 0,
};

const tickets: PluginCalendar = { ...events, plugin: 'desk', name: 'tickets', label: 'Tickets', more: 12 };

test('a document shows its kind, its time on the first day and a link to it', async () => {
  await renderPlain(
    <PluginDocumentChip item={{ calendar: events, document, day: '2026-12-05', number: 1, days: 2 }} />,
  );
  expect(screen.getByRole('img', { name: 'Events · day 1 of 2 · Bookings' })).toBeTruthy();
  expect(screen.getByText(/10:00/)).toBeTruthy();
  const link = screen.getByRole('link', { name: 'Tour of the yard' });
  expect(link.getAttribute('href')).toBe('plugin::bookings.event/e1');
});

test('a document that goes on has no time, and one without a title is named by its id', async () => {
  const untitled = { ...document, title: null };
  await renderPlain(
    <PluginDocumentChip item={{ calendar: events, document: untitled, day: '2026-12-06', number: 2, days: 2 }} />,
  );
  expect(screen.queryByText(/10:00/)).toBeNull();
  expect(screen.getByRole('link', { name: 'e1' })).toBeTruthy();
});

/** A legend that keeps what was switched off, which it writes below. */
function Held() {
  const [hidden, setHidden] = useState<string[]>(['desk.tickets']);
  return (
    <>
      <PluginLegend calendars={[events, tickets]} hidden={hidden} onChange={setHidden} />
      <output>{hidden.join(' ')}</output>
    </>
  );
}

test('kinds are switched off and on, and the legend says what is left out', async () => {
  await renderPlain(<Held />);
  const shown = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Events' });
  const off = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Tickets' });
  expect([shown.checked, off.checked]).toEqual([true, false]);
  expect(screen.getByText('Tickets: 12 more in these days. Show fewer days to see them.')).toBeTruthy();
  await userEvent.click(shown);
  expect(screen.getByText('desk.tickets bookings.events')).toBeTruthy();
  await userEvent.click(off);
  expect(screen.getByText('bookings.events', { exact: true })).toBeTruthy();
});

test('there is no legend without plugins', async () => {
  await renderPlain(<PluginLegend calendars={[]} hidden={[]} onChange={() => {}} />);
  expect(screen.queryByRole('group')).toBeNull();
});

/** The kind with one document, which takes these days. */
function calendarOf(days: Partial<PluginDocument>): PluginCalendar {
  return { ...events, documents: [{ ...document, firstDay: '2026-03-28', lastDay: '2026-03-28', ...days }] };
}

test('a document is on each of its days, also around a change of the clock', () => {
  const items = pluginItems([calendarOf({ lastDay: '2026-03-30' })], '2026-03-01', '2026-03-31');
  expect(items.map(({ day, number, days }) => [day, number, days])).toEqual([
    ['2026-03-28', 1, 3],
    ['2026-03-29', 2, 3],
    ['2026-03-30', 3, 3],
  ]);
});

test('only the days that are shown are filled', () => {
  const long = calendarOf({ firstDay: '2026-02-20', lastDay: '2026-06-01' });
  const items = pluginItems([long], '2026-03-30', '2026-04-02');
  expect(items.map(({ day }) => day)).toEqual(['2026-03-30', '2026-03-31', '2026-04-01', '2026-04-02']);
  expect(items[0]?.number).toBe(39);
  expect(pluginItems([calendarOf({})], '2026-04-01', '2026-04-30')).toEqual([]);
  expect(pluginItems([calendarOf({})], '2026-03-01', '2026-03-27')).toEqual([]);
});
