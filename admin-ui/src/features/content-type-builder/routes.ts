import type { RequiredPermissions } from '@/app/permissions';
import { defineRoute } from '@/app/route';
import { builderAddress, diagramAddress, planAddress, definitionAddress } from './addresses';

/** Permissions to look at and change the content types; super-admins may. */
export const BUILD_PERMISSIONS: RequiredPermissions = ['content-types.change'];

export const builderRoute = defineRoute(builderAddress, {
  layout: 'app',
  title: 'modelling:title',
  texts: ['builder'],
  needs: BUILD_PERMISSIONS,
  page: () => import('./OverviewPage'),
});

export const diagramRoute = defineRoute(diagramAddress, {
  layout: 'app',
  title: 'builder:diagram.title',
  needs: BUILD_PERMISSIONS,
  page: () => import('./DiagramPage'),
});

export const planRoute = defineRoute(planAddress, {
  layout: 'app',
  title: 'builder:plan.title',
  needs: BUILD_PERMISSIONS,
  page: () => import('./PlanPage'),
});

export const definitionRoute = defineRoute(definitionAddress, {
  layout: 'app',
  title: 'modelling:title',
  texts: ['builder'],
  needs: BUILD_PERMISSIONS,
  page: () => import('./DefinitionPage'),
});
