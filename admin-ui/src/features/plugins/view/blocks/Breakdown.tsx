import { Breakdown as Chart } from '@/views/dashboard/Figures';
import { useTranslation } from 'react-i18next';
import { useView } from '../context';
import type { BlockOf } from '../types';
import { Missing, Wrong } from './Missing';
import { useFigureOf } from './useQueryOf';

/** Documents counted by value. */
export function Breakdown({
  block,
  caption,
}: {
  block: Pick<BlockOf<'breakdown'>, 'type' | 'groupBy' | 'filters'>;
  caption?: string | undefined;
}) {
  const { t } = useTranslation('pluginView');
  const { model } = useView();
  const { type, definition, found, problems } = useFigureOf('breakdown', block);
  if (!model.contentTypes.some(({ uid }) => uid === block.type)) return <Missing type={block.type} />;
  if (!type || !definition) return <Wrong problems={problems} />;
  return <Chart type={type} groupBy={block.groupBy} found={found} caption={caption ?? t('chart')} />;
}
