import { useMediaQuery } from '@mantine/hooks';
import type { CalendarMode } from './days';

/** How a calendar is shown until somebody chooses: on a phone, where a month's seven columns do not fit, as a list. */
export function useDefaultMode(): CalendarMode {
  // At once: the first answer decides which days are asked for.
  const isPhone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  return isPhone ? 'agenda' : 'month';
}
