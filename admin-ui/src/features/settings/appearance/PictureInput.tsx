import { Button, Group, Stack, TextInput } from '@mantine/core';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lazyPart } from '@/ui/lazyPart';
import { emptyToNull } from '../parts/changedSettings';
import { useHasPermission } from '../parts/useHasPermission';

const Picker = lazyPart(() => import('@/fields/media/Picker'));

interface Props {
  label: string;
  hint: string;
  /** `/uploads/…` or `https://…`; null: none. */
  value: string | null;
  onChange: (address: string | null) => void;
  error?: string;
}

/** The address of a picture: typed, or that of a picture of the library. */
export function PictureInput({ label, hint, value, onChange, error }: Props) {
  const { t } = useTranslation(['project', 'common']);
  const [picking, setPicking] = useState(false);
  const mayPick = useHasPermission('media.read');
  return (
    <Stack gap={6}>
      <TextInput
        label={label}
        description={hint}
        placeholder="/uploads/…"
        value={value ?? ''}
        onChange={(event) => onChange(emptyToNull(event.currentTarget.value))}
        error={error}
      />
      <Group gap="xs">
        {mayPick && (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={t('project:appearance.pickFor', { what: label })}
            onClick={() => setPicking(true)}
          >
            {t('project:appearance.pick')}
          </Button>
        )}
        {value && (
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={t('project:appearance.removeOf', { what: label })}
            onClick={() => onChange(null)}
          >
            {t('common:remove')}
          </Button>
        )}
      </Group>
      {picking && (
        <Suspense>
          <Picker
            multiple={false}
            allowed={['images']}
            onClose={() => setPicking(false)}
            onPick={([file]) => {
              setPicking(false);
              if (file?.url) onChange(addressOf(file.url));
            }}
          />
        </Suspense>
      )}
    </Stack>
  );
}

/** Of a file of our own without the host, which may be another tomorrow. */
function addressOf(url: string): string {
  const own = `${window.location.origin}/`;
  return url.startsWith(own) ? url.slice(own.length - 1) : url;
}
