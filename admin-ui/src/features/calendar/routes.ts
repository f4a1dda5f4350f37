import { defineRoute } from '@/app/route';
import { calendarAddress, rulesAddress, newRuleAddress, ruleAddress } from './addresses';

export const calendarRoute = defineRoute(calendarAddress, {
  layout: 'app',
  title: 'calendar:title',
  texts: ['views'],
  needs: ['calendar.read'],
  page: () => import('./CalendarPage'),
});

export const rulesRoute = defineRoute(rulesAddress, {
  layout: 'app',
  title: 'calendar:rule.title',
  needs: ['calendar.read'],
  page: () => import('./rules/RulesPage'),
});

export const newRuleRoute = defineRoute(newRuleAddress, {
  layout: 'app',
  title: 'calendar:rule.new',
  needs: ['calendar.manage'],
  page: () => import('./rules/RulePage'),
});

export const ruleRoute = defineRoute(ruleAddress, {
  layout: 'app',
  title: 'calendar:rule.title',
  needs: ['calendar.read'],
  page: () => import('./rules/RulePage'),
});
