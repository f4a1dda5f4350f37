import { Button, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Erasure, erasuresQuery } from '@/api/personalData';
import { formatNumber } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { PagedTable } from '../parts/PagedTable';
import { Section } from '../parts/Section';
import { type BadgeTone, StateBadge } from '@/ui/StateBadge';
import { ErasureProgress } from './ErasureProgress';

const TONES: Record<string, BadgeTone> = { running: 'waiting', incomplete: 'warning', done: 'good' };

/** Erasures, newest first. What they erased is gone, the address with it. */
export function ErasureList() {
  const { t } = useTranslation('personal');
  const pages = useInfiniteQuery(erasuresQuery);
  const [shown, setShown] = useState<number>();
  return (
    <Section title={t('erasures')} lead={t('erasuresHint')}>
      <PagedTable
        pages={pages}
        label={t('erasures')}
        keyOf={(erasure: Erasure) => erasure.id}
        columns={[
          { label: t('number'), render: (erasure) => `#${erasure.id}` },
          { label: t('startedAt'), render: (erasure) => <RelativeTime at={erasure.startedAt} /> },
          { label: t('startedBy'), render: (erasure) => erasure.startedBy ?? '' },
          {
            label: t('state'),
            render: ({ state }) => <StateBadge tone={TONES[state] ?? 'off'}>{t(`erasureWord.${state}`)}</StateBadge>,
          },
          { label: t('stays'), render: (erasure) => formatNumber(erasure.retained), end: true },
          {
            label: t('details'),
            render: ({ id }) => (
              <Button
                size="compact-xs"
                variant="default"
                aria-expanded={shown === id}
                aria-label={t(shown === id ? 'hideNamed' : 'showNamed', { id })}
                onClick={() => setShown(shown === id ? undefined : id)}
              >
                {t(shown === id ? 'hide' : 'show')}
              </Button>
            ),
          },
        ]}
        empty={<Text size="sm">{t('noErasures')}</Text>}
      />
      {shown !== undefined && (
        <div style={{ marginTop: '1rem' }}>
          <ErasureProgress key={shown} id={shown} />
        </div>
      )}
    </Section>
  );
}
