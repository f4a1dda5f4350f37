import { ActionIcon, Button } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

interface Props {
  /** Goes to the period before or after the one that is shown. */
  onStep: (by: -1 | 1) => void;
  onToday: () => void;
}

/** Goes from period to period, and back to today. */
export function PeriodSteps({ onStep, onToday }: Props) {
  const { t } = useTranslation('views');
  return (
    <>
      <ActionIcon variant="default" size={30} aria-label={t('calendar.previous')} onClick={() => onStep(-1)}>
        <IconChevronLeft size={16} aria-hidden />
      </ActionIcon>
      <Button variant="default" size="xs" onClick={onToday}>
        {t('calendar.today')}
      </Button>
      <ActionIcon variant="default" size={30} aria-label={t('calendar.next')} onClick={() => onStep(1)}>
        <IconChevronRight size={16} aria-hidden />
      </ActionIcon>
    </>
  );
}
