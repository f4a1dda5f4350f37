import { IconCalendar, IconRepeat } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import FailedBadge from './FailedBadge';
import { rulesAddress } from './addresses';
import { calendarRoute, newRuleRoute, ruleRoute, rulesRoute } from './routes';

/** The content calendar: what is planned, scheduled and published. */
export function register(): Feature {
  return {
    name: 'calendar',
    routes: [calendarRoute, rulesRoute, newRuleRoute, ruleRoute],
    navigation: [
      {
        id: 'calendar',
        label: 'calendar:title',
        keywords: 'calendar:words',
        icon: IconCalendar,
        to: '/calendar',
        order: 40,
        needs: calendarRoute.needs,
        badge: FailedBadge,
      },
    ],
    palette: [
      {
        id: 'slot-rules',
        label: 'calendar:rule.title',
        keywords: 'calendar:rule.words',
        icon: IconRepeat,
        needs: rulesRoute.needs,
        target: rulesAddress.to({}),
      },
    ],
  };
}
