import { IconFilePlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { pluralNameOf } from '@/api/model';
import type { DrawnPaletteEntry } from '@/app/feature';
import { listAddress, newEntryTarget } from './addresses';
import { iconOfType } from './typeIcon';

/** What the palette offers of each content type: its entries, and a new one. */
export function useTypeEntries(): DrawnPaletteEntry[] {
  const { t } = useTranslation('list');
  const types = useQuery(modelQuery).data?.contentTypes ?? [];
  const lists = types
    .filter(({ can }) => can.find)
    .map((type): DrawnPaletteEntry => {
      const { displayName } = type.info;
      return {
        id: `type ${type.uid}`,
        group: 'screens',
        kind: 'type',
        title: pluralNameOf(type),
        keywords: displayName,
        icon: iconOfType(type),
        target: listAddress.to({ uid: type.uid }),
      };
    });
  const creations = types
    .filter(({ can, kind }) => can.create && kind === 'collectionType')
    .map((type): DrawnPaletteEntry => {
      const { displayName } = type.info;
      return {
        id: `new ${type.uid}`,
        group: 'actions',
        kind: 'new',
        title: t('types.new', { type: displayName }),
        keywords: `${pluralNameOf(type)} ${t('types.newWords')}`,
        icon: IconFilePlus,
        target: newEntryTarget(type.uid),
      };
    });
  return [...lists, ...creations];
}
