import { Group, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { templatesQuery } from '@/api/mail';
import { useSession } from '@/api/session';
import { languageName } from '@/ui/format';
import { QueryState } from '../parts/QueryState';
import { TableScroll } from '../parts/TableScroll';
import { TextLink } from '../parts/TextLink';
import { templateAddress } from '../addresses';

/** The words of mails, in each language of the project. */
export function Templates() {
  const { t } = useTranslation('settings');
  const templates = useQuery(templatesQuery);
  const locales = useSession().locales.available.map((locale) => locale.code);
  return (
    <QueryState query={templates}>
      {(all) => (
        <TableScroll label={t('mail.templates')}>
          <Table highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('mail.template')}</Table.Th>
                <Table.Th>{t('mail.languages')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map((template) => (
                <Table.Tr key={template.name}>
                  <Table.Td>
                    {t(`mail.templateNames.${template.name}`, { defaultValue: template.name })}
                    <Text size="xs" c="dimmed">
                      {template.name}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <Group gap="md">
                      {[...new Set([...template.builtIn, ...template.own, ...locales])].map((locale) => (
                        <span key={locale}>
                          <TextLink {...templateAddress.to({ name: template.name, locale })}>
                            {languageName(locale)}
                          </TextLink>
                          {template.own.includes(locale) && (
                            <Text size="xs" c="dimmed">
                              {t('mail.own')}
                            </Text>
                          )}
                        </span>
                      ))}
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </TableScroll>
      )}
    </QueryState>
  );
}
