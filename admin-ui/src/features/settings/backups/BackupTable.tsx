import { ActionIcon, Group, Menu, Table, Text } from '@mantine/core';
import { IconDots, IconDownload, IconShieldCheck, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type Backup, backupAddress } from '@/api/backups';
import { downloadOnClick } from '@/api/download';
import { formatBytes, formatDateTime, formatNumber } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { StateBadge } from '@/ui/StateBadge';
import { StackedTable } from '../parts/StackedTable';
import classes from './Backups.module.css';
import { StartButton } from './StartButton';

interface Props {
  backups: Backup[];
  busy: boolean;
  /** Left out where nothing can be restored. */
  onRestore: ((backup: Backup) => void) | undefined;
  onVerify: (backup: Backup) => void;
  onDelete: (backup: Backup) => void;
}

/** The backups that there are, newest first. */
export function BackupTable({ backups, busy, onRestore, onVerify, onDelete }: Props) {
  const { t } = useTranslation(['backups', 'common']);
  return (
    <StackedTable label={t('title')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('takenAt')}</Table.Th>
          <Table.Th>{t('size')}</Table.Th>
          <Table.Th>{t('state')}</Table.Th>
          <Table.Th>{t('actions')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {backups.map((backup) => {
          const taken = formatDateTime(backup.takenAt);
          return (
            <Table.Tr key={backup.name}>
              <Table.Th scope="row">
                {taken}
                <Text size="xs" c="dimmed" fw={400}>
                  <RelativeTime at={backup.takenAt} />
                </Text>
              </Table.Th>
              <Table.Td>{formatBytes(backup.sizeBytes)}</Table.Td>
              <Table.Td>
                <VerifiedBadge verified={backup.verified} />
              </Table.Td>
              <Table.Td className={classes.actions}>
                <Group gap="xs" wrap="nowrap">
                  {onRestore && (
                    <StartButton
                      size="xs"
                      variant="default"
                      busy={busy}
                      aria-label={t('restoreBesideNamed', { taken })}
                      onClick={() => onRestore(backup)}
                    >
                      {t('restoreBeside')}
                    </StartButton>
                  )}
                  <Menu position="bottom-end">
                    <Menu.Target>
                      <ActionIcon variant="subtle" color="gray" aria-label={t('moreNamed', { taken })}>
                        <IconDots size={16} aria-hidden />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Item
                        leftSection={<IconShieldCheck size={16} aria-hidden />}
                        disabled={busy}
                        onClick={() => onVerify(backup)}
                      >
                        {t('verify')}
                        {busy && <Text size="xs">{t('busy')}</Text>}
                      </Menu.Item>
                      <Menu.Item
                        leftSection={<IconDownload size={16} aria-hidden />}
                        component="a"
                        href={backupAddress(backup.name)}
                        download
                        onClick={downloadOnClick}
                      >
                        {t('download')}
                      </Menu.Item>
                      <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={() => onDelete(backup)}>
                        {t('common:delete')}
                      </Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                </Group>
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </StackedTable>
  );
}

function VerifiedBadge({ verified }: Pick<Backup, 'verified'>) {
  const { t } = useTranslation('backups');
  return (
    <>
      <StateBadge tone={verified ? 'good' : 'warning'}>{t(verified ? 'verified' : 'notVerified')}</StateBadge>
      <Text size="xs" c="dimmed">
        {verified ? (
          <>
            {t('rows', { count: verified.rows, number: formatNumber(verified.rows) })},{' '}
            {t('files', { count: verified.files, number: formatNumber(verified.files) })},{' '}
            <RelativeTime at={verified.at} />
          </>
        ) : (
          t('notVerifiedHint')
        )}
      </Text>
    </>
  );
}
