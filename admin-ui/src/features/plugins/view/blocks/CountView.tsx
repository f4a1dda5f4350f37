import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Query } from '@/api/content';
import type { ContentType } from '@/api/model';
import { formatNumber } from '@/ui/format';
import { countQuery } from '@/views/dashboard/figures';
import type { CountBlock } from '../types';
import { useFigureOf } from './useQueryOf';

/** How many documents a query finds. */
export default function CountView({ block }: { block: CountBlock }) {
  const { type, definition, query } = useFigureOf('count', block);
  return type && definition ? <CountNumber type={type} found={query} /> : <UnknownNumber />;
}

function CountNumber({ type, found: query }: { type: ContentType; found: Query }) {
  const { data, error } = useQuery(countQuery(type, query));
  if (error) return <UnknownNumber />;
  return data === undefined ? '…' : formatNumber(data);
}

/** A number that this person may not see, or that nobody can tell now. */
function UnknownNumber() {
  const { t } = useTranslation('pluginView');
  return (
    <Text span inherit title={t('noNumber')} aria-label={t('noNumber')}>
      –
    </Text>
  );
}
