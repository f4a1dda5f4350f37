import { Anchor, List, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { downloadOnClick } from '@/api/download';
import { exportAddress, type PluginDetail, pluginsQuery, uninstallPlugin } from '@/api/plugins';
import { formatNumber } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import { pluginsAddress } from '../addresses';

/** Takes a plugin away; asks what becomes of what it has stored. To delete that, its id has to be typed. */
export function UninstallDialog({ plugin, onClose }: { plugin: PluginDetail; onClose: () => void }) {
  const { t } = useTranslation('plugin');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [data, setData] = useState<'keep' | 'delete'>('keep');
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const remove = useMutation({
    mutationFn: () => uninstallPlugin(plugin.id, data),
    onSuccess: async () => {
      announce(t('done.uninstalled', { name: plugin.name }));
      onClose();
      await navigate(pluginsAddress.to({}));
      queries.removeQueries({ queryKey: ['plugins', plugin.id] });
      await queries.invalidateQueries({ queryKey: pluginsQuery.queryKey });
      await queries.invalidateQueries();
    },
  });
  const documents = plugin.contentTypes.reduce((sum, type) => sum + type.documents, 0);
  return (
    <FormDialog
      title={t('uninstall.title', { name: plugin.name })}
      onClose={onClose}
      onSubmit={() => {
        if (data === 'delete' && typed.trim() !== plugin.id) setWrong(true);
        else remove.mutate();
      }}
      pending={remove.isPending}
      error={remove.error}
      submit={t(data === 'delete' ? 'uninstall.doDelete' : 'uninstall.do')}
      danger
      noValidate
    >
      <Text size="sm">{t('uninstall.lead')}</Text>
      <Radio.Group label={t('uninstall.data')} value={data} onChange={(value) => setData(value as typeof data)}>
        <Stack gap="xs" mt="xs">
          <Radio value="keep" label={t('uninstall.keep')} description={t('uninstall.keepHint')} data-autofocus />
          <Radio
            value="delete"
            label={t('uninstall.delete')}
            description={t('uninstall.deleteHint', { count: documents, number: formatNumber(documents) })}
          />
        </Stack>
      </Radio.Group>
      {plugin.contentTypes.length > 0 && (
        <List size="sm">
          {plugin.contentTypes.map((type) => (
            <List.Item key={type.uid}>
              {t('documents', { count: type.documents, number: formatNumber(type.documents), name: type.displayName })}
            </List.Item>
          ))}
        </List>
      )}
      <Text size="sm">
        <Anchor href={exportAddress(plugin.id)} download onClick={downloadOnClick} inherit underline="always">
          {t('uninstall.export')}
        </Anchor>{' '}
        {t('uninstall.exportHint')}
      </Text>
      {data === 'delete' && (
        <TextInput
          label={t('uninstall.type', { word: plugin.id })}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setWrong(false);
          }}
          error={wrong ? t('uninstall.wrong', { word: plugin.id }) : undefined}
          autoComplete="off"
        />
      )}
    </FormDialog>
  );
}
