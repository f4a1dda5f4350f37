import { Checkbox, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '@/ui/FormDialog';

/** What a view is to be called, and whether others see it. */
export default function NameDialog({
  save,
  close,
}: {
  save: (view: { name: string; shared: boolean }) => Promise<void>;
  close: () => void;
}) {
  const { t } = useTranslation(['list', 'common']);
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const saving = useMutation({ mutationFn: save, onSuccess: close });
  return (
    <FormDialog
      title={t('list:saved.save')}
      onClose={close}
      onSubmit={() => {
        if (name.trim()) saving.mutate({ name: name.trim(), shared });
      }}
      pending={saving.isPending}
      error={saving.error}
      disabled={!name.trim() && t('common:missing.name')}
    >
      <TextInput
        label={t('list:saved.name')}
        value={name}
        maxLength={100}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox
        label={t('list:saved.shared')}
        checked={shared}
        onChange={(event) => setShared(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}
