import { describe, expect, it } from 'vitest';
import { suggestTimes } from './suggestTimes';

const times = (now: string, zone = 'Europe/Amsterdam') =>
  suggestTimes(new Date(now), zone).map(({ day, localTime }) => `${day} ${localTime}`);

describe('suggested times', () => {
  it('are this evening, tomorrow morning and Monday morning', () => {
    // A Wednesday, ten o'clock in Amsterdam.
    expect(times('2026-11-25T09:00:00Z')).toEqual([
      'today 2026-11-25T17:00',
      'tomorrow 2026-11-26T09:00',
      'monday 2026-11-30T09:00',
    ]);
  });

  it('are not in the past, and not the same twice', () => {
    // A Sunday, six o'clock in the evening.
    expect(times('2026-11-29T17:00:00Z')).toEqual(['tomorrow 2026-11-30T09:00']);
    expect(times('2026-11-30T17:00:00Z')).toEqual(['tomorrow 2026-12-01T09:00', 'monday 2026-12-07T09:00']);
  });

  it('are on the clock of the time zone', () => {
    expect(times('2026-11-25T23:30:00Z', 'Asia/Tokyo')[0]).toBe('today 2026-11-26T17:00');
    expect(times('2026-11-25T23:30:00Z', 'America/New_York')[0]).toBe('tomorrow 2026-11-26T09:00');
  });

  it('count days, not hours, when summer time ends', () => {
    expect(times('2026-10-24T21:30:00Z')).toEqual(['tomorrow 2026-10-25T09:00', 'monday 2026-10-26T09:00']);
  });
});
