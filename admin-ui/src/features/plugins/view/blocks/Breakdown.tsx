import { Breakdown as Chart } from '@/views/dashboard/Figures';
import { useTranslation } from 'react-i18next';
import { useView } from '../context';
import type { BlockOf } from '../types';
import { MissingContentType, InvalidQuery } from './MissingContentType';
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
  const { type, definition, query, problems } = useFigureOf('breakdown', block);
  if (!model.contentTypes.some(({ uid }) => uid === block.type)) return <MissingContentType type={block.type} />;
  if (!type || !definition) return <InvalidQuery problems={problems} />;
  return <Chart type={type} groupBy={block.groupBy} query={query} caption={caption ?? t('chart')} />;
}
