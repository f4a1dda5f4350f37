import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type MouseEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EXPORT_FORMATS, exportAddress, type ExportFormat, type Query } from '@/api/content';
import { downloadOnClick } from '@/api/download';
import type { ContentType } from '@/api/model';

interface Props {
  type: ContentType;
  /** What the list asks. */
  query: Query;
  total: number;
  close: () => void;
}

/** What is listed, as a file: all of it, not only what has been scrolled through. */
export function ExportDialog({ type, query, total, close }: Props) {
  const { t } = useTranslation(['list', 'common']);
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [whole, setWhole] = useState(false);
  const { fields, populate, ...filterQuery } = query;
  const exportQuery = whole ? filterQuery : { ...filterQuery, fields, populate };
  return (
    <Modal
      opened
      onClose={close}
      closeButtonProps={{ 'aria-label': t('common:close') }}
      title={t('list:export.title', { count: total })}
    >
      <Stack gap="sm">
        <Radio.Group
          label={t('list:export.format')}
          value={format}
          onChange={(value) => setFormat(EXPORT_FORMATS.find((one) => one === value) ?? 'csv')}
        >
          <Stack gap="xs" mt="xs">
            {EXPORT_FORMATS.map((value) => (
              <Radio
                key={value}
                value={value}
                label={t(`list:export.${value}`)}
                description={t(`list:export.${value}Hint`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Radio.Group
          label={t('list:export.fields')}
          value={whole ? 'all' : 'shown'}
          onChange={(value) => setWhole(value === 'all')}
        >
          <Group mt="xs">
            <Radio value="shown" label={t('list:export.shown')} />
            <Radio value="all" label={t('list:export.all')} />
          </Group>
        </Radio.Group>
        <Text size="sm" c="dimmed">
          {t('list:export.hint')}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common:cancel')}
          </Button>
          {/* A link: the browser writes the file as it comes, however long it is. */}
          <Button
            component="a"
            href={exportAddress(type, format, exportQuery)}
            download
            leftSection={<IconDownload size={16} aria-hidden />}
            onClick={(event: MouseEvent<HTMLAnchorElement>) => {
              downloadOnClick(event);
              setTimeout(close);
            }}
          >
            {t('list:export.do')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
