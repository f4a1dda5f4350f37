import type { Needs } from '@/app/permissions';
import { defineRoute } from '@/app/route';

/** Who may look at and change the content types; super-admins may. */
export const MAY_BUILD: Needs = ['content-types.change'];

/** What is to be made. */
export type Creatable = 'collectionType' | 'singleType' | 'component';

function creatable(value: unknown): Creatable | undefined {
  return value === 'collectionType' || value === 'singleType' || value === 'component' ? value : undefined;
}

/** All content types and components. */
export const builderRoute = defineRoute({
  path: '/content-types',
  layout: 'app',
  title: 'builder:title',
  needs: MAY_BUILD,
  search: (raw): { create?: Creatable } => ({ create: creatable(raw.create) }),
  page: () => import('./OverviewPage'),
});

/** What leads to what. */
export const diagramRoute = defineRoute({
  path: '/content-types/diagram',
  layout: 'app',
  title: 'builder:diagram.title',
  needs: MAY_BUILD,
  page: () => import('./DiagramPage'),
});

/** What the changes mean, and making them. */
export const planRoute = defineRoute({
  path: '/content-types/plan',
  layout: 'app',
  title: 'builder:plan.title',
  needs: MAY_BUILD,
  page: () => import('./PlanPage'),
});

/** One content type or component; `field` is the one being set up. */
export const definitionRoute = defineRoute({
  path: '/content-types/$uid',
  layout: 'app',
  title: 'builder:title',
  needs: MAY_BUILD,
  search: (raw): { field?: string } => ({ field: typeof raw.field === 'string' ? raw.field : undefined }),
  page: () => import('./DefinitionPage'),
});
