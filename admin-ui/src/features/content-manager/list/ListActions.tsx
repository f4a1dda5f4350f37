import { ActionIcon, Group, Tooltip } from '@mantine/core';
import { IconDownload, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { binAddress } from '../addresses';
import { CreateButton } from './CreateButton';

interface Props {
  type: ContentType;
  locale: string | undefined;
  canExport: boolean;
  openExport: () => void;
  /** Before the actions. */
  children: ReactNode;
}

/** Beside the title of a list: export, deleted entries, a new entry. */
export function ListActions({ type, locale, canExport, openExport, children }: Props) {
  const { t } = useTranslation('list');
  return (
    <Group gap="xs">
      {children}
      <Tooltip label={t('export.open')}>
        <ActionIcon
          variant="default"
          size={34}
          disabled={!canExport}
          aria-label={t('export.open')}
          onClick={openExport}
        >
          <IconDownload size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {type.can.delete && (
        <Tooltip label={t('bin.title')}>
          <ActionIcon
            variant="default"
            size={34}
            aria-label={t('bin.title')}
            renderRoot={(props) => <Link {...binAddress.to({ uid: type.uid })} {...props} />}
          >
            <IconTrash size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      {type.can.create && <CreateButton type={type} locale={locale} />}
    </Group>
  );
}
