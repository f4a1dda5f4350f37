import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ContentType, Model } from '@/api/model';
import { DescriptionList } from '@/features/settings';
import { labelOf } from '@/fields/label';
import { formatDateTime } from '@/ui/format';
import { resolveField } from '@/views/fieldPath';
import type { EditConflict } from '../useFieldEdits';
import type { RenderValue, ResolvedItem } from './DocumentFields';

interface Props {
  conflict: EditConflict;
  model: Model;
  type: ContentType;
  /** How the fields of the block are shown. */
  items: readonly ResolvedItem[];
  renderValue: RenderValue;
  saveMine: () => void;
  takeTheirs: () => void;
}

/** What somebody else saved while this was typed, and the choice between the two. */
export function ConflictNote({ conflict, model, type, items, renderValue, saveMine, takeTheirs }: Props) {
  const { t } = useTranslation('pluginView');
  const { entry, changed, by, at } = conflict;
  const shown = changed.flatMap((name): ResolvedItem[] => {
    const known = items.find(({ field }) => field === name);
    const resolved = resolveField(model, type, name);
    if (known || !resolved || resolved.attribute.type === 'json') return known ? [known] : [];
    return [{ field: name, label: labelOf(name, type.attributes[name]), at: resolved, format: undefined }];
  });
  const who = by ?? t('conflict.somebody');
  return (
    <Alert color="yellow" role="alert" icon={<IconAlertTriangle aria-hidden />} title={t('conflict.title')}>
      {/* Dimmed names are hard to read on the colour of the note. */}
      <Stack gap="xs" __vars={{ '--mantine-color-dimmed': 'currentColor' }}>
        <Text size="sm">{at ? t('conflict.byAt', { who, at: formatDateTime(at) }) : t('conflict.by', { who })}</Text>
        {shown.length > 0 && <DescriptionList facts={shown.map((item) => [item.label, renderValue(entry, item)])} />}
        <Group gap="xs">
          <Button size="xs" onClick={saveMine}>
            {t('conflict.mine')}
          </Button>
          <Button size="xs" variant="default" onClick={takeTheirs}>
            {t('conflict.theirs')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
