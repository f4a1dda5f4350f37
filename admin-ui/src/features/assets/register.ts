import { IconLicense, IconPhoto } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import { duplicatesAddress, expiringAddress, libraryAddress } from './addresses';
import { duplicatesRoute, expiringRoute, libraryRoute, policyRoute } from './routes';

/** The media library: files, folders, tags, where they are used and until when they may be. */
export function register(): Feature {
  return {
    name: 'assets',
    routes: [libraryRoute, expiringRoute, duplicatesRoute, policyRoute],
    settings: [
      {
        id: 'media-rights',
        label: 'media:policy.title',
        description: 'media:policy.lead',
        group: 'publishing',
        to: policyRoute.path,
        order: 30,
        icon: IconLicense,
        needs: policyRoute.needs,
      },
    ],
    navigation: [
      {
        id: 'media',
        label: 'frame:media',
        icon: IconPhoto,
        to: '/media',
        order: 20,
        needs: libraryRoute.needs,
        goTo: 'm',
      },
    ],
    palette: [
      {
        id: 'media-trash',
        label: 'media:palette.trash',
        needs: libraryRoute.needs,
        target: libraryAddress.to({}, { trash: true }),
      },
      {
        id: 'media-expiring',
        label: 'media:expiring.title',
        needs: expiringRoute.needs,
        target: expiringAddress.to({}),
      },
      {
        id: 'media-duplicates',
        label: 'media:duplicates.title',
        needs: duplicatesRoute.needs,
        target: duplicatesAddress.to({}),
      },
    ],
    paletteSearch: {
      label: 'media:title',
      needs: libraryRoute.needs,
      find: async (query, { signal, limit }) => {
        const { listAssets } = await import('@/api/assets');
        const { files } = await listAssets({ search: query, limit }, signal);
        return files.map((file) => ({
          id: file.documentId,
          title: file.name,
          detail: file.folder?.name,
          icon: IconPhoto,
          target: libraryAddress.to({}, { file: file.documentId }),
        }));
      },
    },
  };
}
