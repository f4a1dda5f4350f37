import { ActionIcon, Button, Group, Stack, Table, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { beginPasskey, finishPasskey, passkeysQuery, removePasskey } from '@/api/me';
import { supportsPasskeys } from '@/features/sign-in';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { useSubmit } from '@/ui/useSubmit';
import { makePasskey } from './makePasskey';
import { Section } from './Section';

/** Passkeys: signing in by fingerprint, face or security key. */
export function PasskeysSection() {
  const { t } = useTranslation('profile');
  const queries = useQueryClient();
  const passkeys = useQuery(passkeysQuery);
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: passkeysQuery.queryKey });
  const add = useSubmit(async ({ name }, form) => {
    await finishPasskey(name ?? '', await makePasskey(await beginPasskey()));
    form.reset();
    await again();
  });
  const remove = useMutation({ mutationFn: removePasskey, onSuccess: again });
  const error = passkeys.error ?? remove.error ?? add.error;
  return (
    <Section title={t('passkeys.title')} lead={t('passkeys.lead')}>
      <Stack gap="sm">
        {Boolean(error) && !(error instanceof Error && error.name === 'NotAllowedError') && (
          <ErrorMessage error={error} />
        )}
        {passkeys.data?.length === 0 && <Text size="sm">{t('passkeys.none')}</Text>}
        {passkeys.data && passkeys.data.length > 0 && (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('passkeys.name')}</Table.Th>
                <Table.Th>{t('passkeys.used')}</Table.Th>
                <Table.Th>
                  <VisuallyHidden>{t('passkeys.actions')}</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {passkeys.data.map((passkey) => (
                <Table.Tr key={passkey.id}>
                  <Table.Td>{passkey.name}</Table.Td>
                  <Table.Td>
                    {passkey.lastUsedAt ? <RelativeTime at={passkey.lastUsedAt} /> : t('passkeys.never')}
                  </Table.Td>
                  <Table.Td>
                    <ActionIcon
                      variant="subtle"
                      color="red"
                      aria-label={t('passkeys.remove', { name: passkey.name })}
                      onClick={() => remove.mutate(passkey.id)}
                    >
                      <IconTrash size={16} aria-hidden />
                    </ActionIcon>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {supportsPasskeys() ? (
          <form onSubmit={add.onSubmit}>
            <Group align="flex-end" gap="sm">
              <TextInput
                label={t('passkeys.newName')}
                name="name"
                required
                withAsterisk={false}
                maxLength={64}
                defaultValue=""
              />
              <Button type="submit" loading={add.pending} variant="default">
                {t('passkeys.add')}
              </Button>
            </Group>
          </form>
        ) : (
          <Text size="sm" c="dimmed">
            {t('passkeys.insecure')}
          </Text>
        )}
      </Stack>
    </Section>
  );
}
