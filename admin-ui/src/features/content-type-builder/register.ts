import { IconSchema } from '@tabler/icons-react';
import { modelQuery } from '@/api/contentTypes';
import { queries } from '@/app/queries';
import type { Feature } from '@/app/feature';
import { builderAddress } from './addresses';
import { builderRoute, definitionRoute, diagramRoute, BUILD_PERMISSIONS, planRoute } from './routes';

/** Whether there is a type to write entries of. */
async function hasTypes(): Promise<boolean> {
  const { contentTypes } = await queries.fetchQuery(modelQuery);
  return contentTypes.some(({ uid }) => uid.startsWith('api::'));
}

/** Content types and components: made, changed, planned and applied while the server goes on. */
export function register(): Feature {
  return {
    name: 'content-type-builder',
    routes: [builderRoute, diagramRoute, planRoute, definitionRoute],
    navigation: [
      {
        id: 'content-types',
        label: 'modelling:title',
        icon: IconSchema,
        to: '/content-types',
        order: 60,
        goTo: 't',
        needs: BUILD_PERMISSIONS,
      },
    ],
    palette: [
      {
        id: 'new-content-type',
        label: 'modelling:newType',
        keywords: 'modelling:newTypeWords',
        needs: BUILD_PERMISSIONS,
        target: builderAddress.to({}, { create: 'collectionType' }),
      },
    ],
    firstSteps: [
      {
        id: 'first-type',
        label: 'modelling:first.label',
        description: 'modelling:first.description',
        order: 10,
        target: builderAddress.to({}, { create: 'collectionType' }),
        needs: BUILD_PERMISSIONS,
        done: hasTypes,
      },
    ],
    shortcuts: [
      { keys: 'mod+Z', label: 'modelling:shortcut.undo', where: 'modelling:title' },
      { keys: 'mod+Shift+Z', label: 'modelling:shortcut.redo', where: 'modelling:title' },
    ],
  };
}
