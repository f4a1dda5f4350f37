import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { calendarQuery } from '@/api/overview';

const DAY = 86_400_000;

/** What was published in the last two weeks and is scheduled for the next two: one request for two widgets. */
export function useTwoWeeks() {
  const [now] = useState(Date.now);
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Swedish writes dates as the server reads them.
  const day = (distance: number): string => new Intl.DateTimeFormat('sv', { timeZone: zone }).format(now + distance * DAY);
  return { now, ...useQuery(calendarQuery({ from: day(-14), to: day(14), kinds: ['scheduled', 'published'], zone })) };
}
