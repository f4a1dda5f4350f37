import { IconCalendar } from '@tabler/icons-react';
import type { Feature } from '@/ui/feature';
import { calendarRoute } from './routes';

/** The content calendar: what is planned, scheduled and published. */
export function register(): Feature {
  return {
    name: 'calendar',
    routes: [calendarRoute],
    navigation: [{ id: 'calendar', label: 'calendar:title', icon: IconCalendar, to: '/calendar', order: 40 }],
  };
}
