// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, violations, withAdmin } from './harness';

const EDITOR = { email: 'bob@example.com', password: 'correct horse battery staple' };
const LIST = '/settings/working-calendars';

type Calendars = Record<string, { hours: Record<string, string[]>; holidays: object[]; preset?: string }>;

describe('calendars of working hours', () => {
  const stage = startStage({
    settings: withAdmin({
      adminUsers: [
        { ...ADMIN, roles: ['super-admin'] },
        { ...EDITOR, firstName: 'Bob', roles: ['editor'] },
      ],
    }),
  });
  const stored = (): Promise<Calendars> => stage.api.admin<Calendars>('GET', '/settings/calendars');

  test('a night shift with official holidays is created and corrected', async () => {
    const { page } = await stage.admin(LIST);
    await page.getByText('No calendars yet').waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Add calendar' }).click();
    await page.getByLabel('Title', { exact: true }).fill('Workshop');
    expect(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe('workshop');
    await page.getByText('40 hours per week').waitFor();

    await page.getByLabel('Monday, hours 1: from').fill('22:00');
    await page.getByLabel('Monday, hours 1: to').fill('06:00');
    await page.getByText('until the next day').waitFor();
    await page.getByLabel('Tuesday, hours 1: from').fill('05:00');
    await page.getByRole('button', { name: 'Add calendar' }).click();
    await page.getByRole('alert').getByText('One thing needs your attention').waitFor();
    const tuesday = page.getByRole('group', { name: 'Tuesday, hours 1' });
    await tuesday.getByText('must not begin before the last span of the previous day ends').waitFor();
    expect(await page.getByLabel('Tuesday, hours 1: from').getAttribute('aria-invalid')).toBe('true');
    expect(await allViolations(page)).toEqual([]);
    expect(await stored()).toEqual({});

    await page.getByRole('button', { name: 'Copy to the other weekdays: Monday' }).click();
    await tuesday.getByText('until the next day').waitFor();
    await page.getByRole('combobox', { name: 'Official holidays' }).click();
    await page.getByRole('option', { name: 'Netherlands' }).click();
    await page.getByRole('button', { name: 'Next year' }).click();
    const year = new Date().getFullYear() + 1;
    // From a Sunday to the Saturday before.
    const kingsDay = `${year}-04-${new Date(year, 3, 27).getDay() === 0 ? 26 : 27}`;
    const listed = page.getByRole('list', { name: `Days off in ${year}` }).getByText('Koningsdag');
    await listed.waitFor();
    const cell = page.locator(`[data-date="${kingsDay}"]`);
    expect(await cell.getAttribute('data-state')).toBe('off');
    await cell.hover();
    await page.getByRole('tooltip').getByText('Koningsdag').waitFor();
    await page.getByText(new RegExp(`^[\\d,]+ hours.* of working time in ${year}$`)).waitFor();

    await page.getByRole('button', { name: 'Add calendar' }).click();
    await page.getByRole('heading', { level: 1, name: 'Workshop' }).waitFor();
    expect(await stored()).toEqual({
      workshop: {
        title: 'Workshop',
        zone: 'Europe/Amsterdam',
        preset: 'nl',
        hours: Object.fromEntries(
          ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'].map((day) => [day, ['22:00-06:00']]),
        ),
        holidays: [],
      },
    });
  });

  test('days off of its own are added, removed, and kept after a reload', async () => {
    const { page } = await stage.admin(`${LIST}/workshop`);
    expect(await page.getByRole('textbox', { name: 'Name', exact: true }).getAttribute('readonly')).not.toBeNull();
    const add = page.getByRole('button', { name: 'Add day' });
    await add.click();
    await page.getByLabel('Name of the day').fill('Anniversary');
    await page.getByRole('combobox', { name: 'When' }).click();
    await page.getByRole('option', { name: 'Every year on a date' }).click();
    await page.getByLabel('Day', { exact: true }).fill('30');
    await page.getByRole('combobox', { name: 'Month' }).click();
    await page.getByRole('option', { name: 'February' }).click();
    // The server says so before anything is saved.
    await page.getByText('this date does not exist in any year').waitFor();
    await page.getByRole('combobox', { name: 'Month' }).click();
    await page.getByRole('option', { name: 'June' }).click();
    await page.getByText('this date does not exist in any year').waitFor({ state: 'hidden' });
    await page.getByLabel('Different hours').check();
    await page.getByRole('button', { name: 'More options' }).click();
    await page.getByRole('button', { name: 'Add weekday' }).click();
    await page.getByLabel('Every … years').fill('5');
    await page.getByLabel('From year').fill('2025');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Edit: Anniversary' }).click();

    await page.getByRole('button', { name: 'Remove: Anniversary' }).click();
    await page.getByText('No days of your own yet').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('listitem', { name: 'Anniversary' }).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const anniversary = {
      date: '06-30',
      name: 'Anniversary',
      hours: ['09:00-12:00'],
      moved: { sunday: -1 },
      every: { years: 5, from: 2025 },
    };
    expect((await stored()).workshop?.holidays).toEqual([anniversary]);

    await page.reload();
    await page.getByRole('listitem', { name: 'Anniversary' }).getByText('09:00–12:00').waitFor();
    expect(await page.getByLabel('Monday, hours 1: from').inputValue()).toBe('22:00');
    await page.getByLabel('Monday, hours 1: to').fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Enter both times.').waitFor();
    // What is not saved is not left behind unasked.
    await page.getByRole('link', { name: 'Working hours' }).first().click();
    await page.getByRole('button', { name: 'Leave without saving' }).click();
    const row = page.getByRole('row', { name: /Workshop/ });
    await row.getByText('40 hours').waitFor();
    await row.locator('time').waitFor();
  });

  test('an editor can view a calendar, but not change it', async () => {
    const bob = await stage.as(EDITOR, LIST);
    const { page } = bob;
    await page.getByText(/You can view this/).waitFor();
    expect(await page.getByRole('link', { name: 'Add calendar' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Workshop' }).click();
    await page.getByText('22:00–06:00').first().waitFor();
    await page.getByText('Anniversary').waitFor();
    await page.getByText('Coming days off').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
    expect(await page.getByRole('textbox', { name: 'Title' }).count()).toBe(0);
    expect(await allViolations(page)).toEqual([]);
  });

  describe.skipIf(process.env.CAIRN_TEST_DATABASE_URL).each([
    ['en', 'en-GB'],
    ['nl', 'nl-NL'],
  ])('in %s', (language, locale) => {
    test.each([1280, 390])('at %i px, a calendar is accessible in light and dark', async (width) => {
      const anna = await stage.as(ADMIN, LIST, { locale, viewport: { width, height: 900 } });
      for (const path of [LIST, `${LIST}/workshop`, '/settings/new-working-calendar']) {
        await anna.open(path);
        await anna.quiet();
        for (const colorScheme of ['light', 'dark'] as const) {
          await anna.page.emulateMedia({ colorScheme });
          await anna.page.waitForFunction(
            (scheme) => document.documentElement.dataset.mantineColorScheme === scheme,
            colorScheme,
          );
          expect(await violations(anna.page)).toEqual([]);
          expect(await anna.scrollsSideways()).toBe(false);
          await anna.picture(`working-calendars-${path.split('/').at(-1)}-${language}-${width}-${colorScheme}`);
        }
      }
    });
  });

  test('a calendar is removed, and the removal is undone', async () => {
    const { page } = await stage.admin(`${LIST}/workshop`);
    const before = await stored();
    await page.getByRole('button', { name: 'Remove calendar' }).click();
    await page.getByText('No calendars yet').waitFor();
    expect(await stored()).toEqual({});
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: 'Workshop' }).waitFor();
    expect(await stored()).toEqual(before);
  });
});
