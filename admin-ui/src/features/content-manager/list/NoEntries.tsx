import { Button } from '@mantine/core';
import { IconFilePlus, IconSearchOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { EmptyState } from '@/ui/EmptyState';
import { CreateButton } from './CreateButton';

interface Props {
  type: ContentType;
  narrowed: boolean;
  locale: string | undefined;
  clear: () => void;
}

/** Nothing found is not the same as nothing there. */
export function NoEntries({ type, narrowed, locale, clear }: Props) {
  const { t } = useTranslation('list');
  if (narrowed) {
    return (
      <EmptyState
        icon={IconSearchOff}
        title={t('empty.found')}
        action={
          <Button variant="default" onClick={clear}>
            {t('empty.clear')}
          </Button>
        }
      >
        {t('empty.foundHint')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={IconFilePlus}
      title={t('empty.yet', { type: type.info.displayName })}
      action={type.can.create ? <CreateButton type={type} locale={locale} /> : undefined}
    >
      {type.info.description || t(type.can.create ? 'empty.yetHint' : 'empty.noRight')}
    </EmptyState>
  );
}
