import { Button, CloseButton, Group, Loader, Text } from '@mantine/core';
import {
  IconCopy,
  IconPackage,
  IconPencil,
  IconTrash,
  IconUserPlus,
  IconWorldOff,
  IconWorldUpload,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatNumber } from '@/ui/format';
import type { BulkKind } from './bulk';
import type { Selection } from './useSelection';

const ICONS = {
  assign: IconUserPlus,
  publish: IconWorldUpload,
  unpublish: IconWorldOff,
  edit: IconPencil,
  duplicate: IconCopy,
  release: IconPackage,
  delete: IconTrash,
};

/** What somebody may do with entries of a type. Who may assign whom is for the server to say. */
export function allowedActions(type: ContentType, staged: boolean): BulkKind[] {
  const { can, draftAndPublish } = type;
  const publishes = draftAndPublish && can.publish;
  return (
    [
      ['publish', publishes],
      ['unpublish', publishes],
      ['edit', can.update],
      ['duplicate', can.create],
      ['release', publishes],
      ['assign', staged],
      ['delete', can.delete],
    ] as const
  ).flatMap(([kind, may]) => (may ? [kind] : []));
}

interface Props {
  type: ContentType;
  /** Whether its documents are reviewed, by people. */
  staged: boolean;
  selection: Selection;
  total: number;
  busy: boolean;
  choose: (kind: BulkKind) => void;
}

/** What can be done with the chosen entries. */
export function BulkBar({ type, staged, selection, total, busy, choose }: Props) {
  const { t } = useTranslation(['list', 'common']);
  if (selection.size === 0 && !selection.isGathering && !selection.error) return null;
  return (
    <Group gap="xs" mb="xs" role="toolbar" aria-label={t('list:bulk.bar')}>
      <Group gap={4} wrap="nowrap">
        <CloseButton size={28} aria-label={t('list:bulk.clear')} onClick={selection.clear} />
        <Text size="sm" fw={500} role="status">
          {t('list:bulk.selected', { count: selection.size, shown: formatNumber(selection.size) })}
        </Text>
        {selection.isGathering && <Loader size="xs" aria-label={t('common:loading')} />}
        {selection.size < total && !selection.isGathering && (
          <Button size="compact-sm" variant="subtle" onClick={selection.all}>
            {t('list:bulk.all', { count: total, shown: formatNumber(total) })}
          </Button>
        )}
      </Group>
      {allowedActions(type, staged).map((kind) => {
        const Icon = ICONS[kind];
        return (
          <Button
            key={kind}
            size="compact-sm"
            variant="default"
            color={kind === 'delete' ? 'red' : undefined}
            leftSection={<Icon size={14} aria-hidden />}
            disabled={busy || selection.size === 0}
            onClick={() => choose(kind)}
          >
            {t(`list:bulk.action.${kind}`)}
          </Button>
        );
      })}
      {selection.error !== undefined && <ErrorMessage error={selection.error} retry={selection.all} />}
    </Group>
  );
}
