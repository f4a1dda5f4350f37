import type { User } from './user';

/** Where the editor is. */
export const ZONE = 'Europe/Amsterdam';

function formatClock(moment: Date, timeStyle: 'short' | 'medium'): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle })
    .format(moment)
    .replace(' ', 'T');
}

/** In an hour, as a page asks for it: in whole minutes. */
export function inAnHour(): string {
  return formatClock(new Date(Date.now() + 3_600_000), 'short');
}

/** In three seconds, which only the API can be told: what was planned in the page is moved there, so that nobody waits for a minute to end. */
export function inThreeSeconds(): { localTime: string; zone: string } {
  return { localTime: formatClock(new Date(Date.now() + 3_000), 'medium'), zone: ZONE };
}

/** Types a moment part by part; in which order the browser has them depends on its language. */
export async function writeMoment(user: User, moment: string): Promise<void> {
  const field = user.page.getByLabel('Date and time');
  if (user.way === 'mouse') return field.fill(moment);
  const [year = '', month = '', day = '', hour = '', minute = ''] = moment.split(/[-T:]/);
  const half = Number(hour) % 12 === 0 ? '12' : String(Number(hour) % 12).padStart(2, '0');
  const orders = [`${day}${month}`, `${month}${day}`].flatMap((date) => [
    [date, year, `${hour}${minute}`],
    [date, year, `${half}${minute}${Number(hour) < 12 ? 'AM' : 'PM'}`],
  ]);
  for (const [date = '', years = '', time = ''] of orders) {
    await user.enter(field);
    await user.press('Home', 'Delete');
    await user.type(date);
    await user.type(years);
    await user.press('ArrowRight');
    await user.type(time);
    if ((await field.inputValue()) === moment) return;
    // Back to its first part.
    await user.press('Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab');
  }
  throw new Error(`the moment could not be typed: ${await field.inputValue()}`);
}
