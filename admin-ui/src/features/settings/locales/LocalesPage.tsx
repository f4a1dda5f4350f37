import { Badge, Button, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addLocale, type Locale, localesQuery, makeDefaultLocale, removeLocale } from '@/api/locales';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatNumber } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { problemAt } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { TableScroll } from '../parts/TableScroll';
import { useUndo } from '../parts/useUndo';

/** The languages that content is written in. */
export default function LocalesPage() {
  const { t } = useTranslation(['settings', 'common']);
  const queries = useQueryClient();
  const undo = useUndo();
  const locales = useQuery(localesQuery);
  const [code, setCode] = useState('');
  const changed = (): Promise<unknown> =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['locales'] }),
      queries.invalidateQueries({ queryKey: ['session'] }),
    ]);
  const add = useMutation({
    mutationFn: () => addLocale(code.trim()),
    onSuccess: async () => {
      setCode('');
      await changed();
    },
  });
  const prefer = useMutation({ mutationFn: makeDefaultLocale, onSuccess: changed });
  const remove = useMutation({
    mutationFn: (locale: Locale) => removeLocale(locale.code),
    onSuccess: async (_, locale) => {
      undo(t('settings:locales.removed', { name: locale.name, count: locale.documents }), async () => {
        await addLocale(locale.code);
        await changed();
      });
      await changed();
    },
  });
  const problem = problemAt(add.error, 'code');
  const error = (problem ? null : add.error) ?? prefer.error ?? remove.error;
  return (
    <Stack gap="md" maw={760}>
      <PageTitle title={t('settings:locales.title')}>
        <Text size="sm" c="dimmed">
          {t('settings:locales.lead')}
        </Text>
      </PageTitle>
      {error && <ErrorMessage error={error} />}
      <QueryState query={locales}>
        {(all) => (
          <TableScroll label={t('settings:locales.title')}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('settings:locales.name')}</Table.Th>
                  <Table.Th ta="right">{t('settings:locales.documents')}</Table.Th>
                  <Table.Th>{t('settings:mail.actions')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((locale) => (
                  <Table.Tr key={locale.code}>
                    <Table.Td>
                      {locale.name}{' '}
                      {locale.isDefault && <Badge variant="default">{t('settings:locales.default')}</Badge>}
                    </Table.Td>
                    <Table.Td ta="right">{formatNumber(locale.documents)}</Table.Td>
                    <Table.Td>
                      {!locale.isDefault && (
                        <Group gap="xs">
                          <Button
                            size="compact-sm"
                            variant="default"
                            disabled={prefer.isPending}
                            onClick={() => prefer.mutate(locale.code)}
                            aria-label={t('settings:locales.makeDefaultOf', { name: locale.name })}
                          >
                            {t('settings:locales.makeDefault')}
                          </Button>
                          <Button
                            size="compact-sm"
                            variant="default"
                            disabled={remove.isPending}
                            onClick={() => remove.mutate(locale)}
                            aria-label={t('settings:locales.removeOf', { name: locale.name })}
                          >
                            {t('common:remove')}
                          </Button>
                        </Group>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        )}
      </QueryState>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Group align="flex-end">
          <TextInput
            label={t('settings:locales.code')}
            placeholder="de"
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            error={problem}
            required
          />
          <Button type="submit" variant="default" loading={add.isPending}>
            {t('common:add')}
          </Button>
        </Group>
      </form>
    </Stack>
  );
}
