import { defineAddress } from '@/app/address';

/** A kind of definition that can be made. */
export type CreatableKind = 'collectionType' | 'singleType' | 'component';

function readCreatableKind(value: unknown): CreatableKind | undefined {
  return value === 'collectionType' || value === 'singleType' || value === 'component' ? value : undefined;
}

/** All content types and components. */
export const builderAddress = defineAddress({
  path: '/content-types',
  search: (raw): { create?: CreatableKind } => ({ create: readCreatableKind(raw.create) }),
});

/** The diagram of the types and of what leads from one to another. */
export const diagramAddress = defineAddress({ path: '/content-types/diagram' });

/** The plan: the effects of the changes, and making them. */
export const planAddress = defineAddress({ path: '/content-types/plan' });

/** One content type or component; `field` is the one being set up. */
export const definitionAddress = defineAddress({
  path: '/content-types/$uid',
  search: (raw): { field?: string } => ({ field: typeof raw.field === 'string' ? raw.field : undefined }),
});
