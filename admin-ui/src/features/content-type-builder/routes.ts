import type { RequiredPermissions } from '@/app/permissions';
import { defineRoute } from '@/app/route';

/** Who may look at and change the content types; super-admins may. */
export const BUILD_PERMISSIONS: RequiredPermissions = ['content-types.change'];

/** What is to be made. */
export type CreatableKind = 'collectionType' | 'singleType' | 'component';

function readCreatableKind(value: unknown): CreatableKind | undefined {
  return value === 'collectionType' || value === 'singleType' || value === 'component' ? value : undefined;
}

/** All content types and components. */
export const builderRoute = defineRoute({
  path: '/content-types',
  layout: 'app',
  title: 'builder:title',
  needs: BUILD_PERMISSIONS,
  search: (raw): { create?: CreatableKind } => ({ create: readCreatableKind(raw.create) }),
  page: () => import('./OverviewPage'),
});

/** What leads to what. */
export const diagramRoute = defineRoute({
  path: '/content-types/diagram',
  layout: 'app',
  title: 'builder:diagram.title',
  needs: BUILD_PERMISSIONS,
  page: () => import('./DiagramPage'),
});

/** What the changes mean, and making them. */
export const planRoute = defineRoute({
  path: '/content-types/plan',
  layout: 'app',
  title: 'builder:plan.title',
  needs: BUILD_PERMISSIONS,
  page: () => import('./PlanPage'),
});

/** One content type or component; `field` is the one being set up. */
export const definitionRoute = defineRoute({
  path: '/content-types/$uid',
  layout: 'app',
  title: 'builder:title',
  needs: BUILD_PERMISSIONS,
  search: (raw): { field?: string } => ({ field: typeof raw.field === 'string' ? raw.field : undefined }),
  page: () => import('./DefinitionPage'),
});
