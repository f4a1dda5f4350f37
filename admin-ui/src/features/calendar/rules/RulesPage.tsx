import { Button, Stack, Table, Text } from '@mantine/core';
import { IconPlus, IconRepeat } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { slotRulesQuery } from '@/api/slotRules';
import { QueryState, TableScroll, TextLink, useHasPermission } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { formatDateTime } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { calendarAddress, newRuleAddress, ruleAddress } from '../addresses';
import { fromRule } from './recurrence';
import { describeRecurrence } from './describeRecurrence';

/** What comes again and again in the calendar. */
export default function RulesPage() {
  const { t } = useTranslation('calendar');
  const rules = useQuery(slotRulesQuery);
  const mayPlan = useHasPermission('calendar.manage');
  const make = mayPlan && (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link {...newRuleAddress.to({})} {...props} />}
    >
      {t('rule.new')}
    </Button>
  );
  return (
    <Stack gap="md" maw={960}>
      <TextLink {...calendarAddress.to({})}>{t('title')}</TextLink>
      <PageTitle title={t('rule.title')} actions={rules.data?.length ? make : undefined}>
        <Text size="sm" c="dimmed">
          {t('rule.lead')}
        </Text>
      </PageTitle>
      <QueryState query={rules}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState icon={IconRepeat} title={t('rule.none')} action={make}>
              {t('rule.noneHint')}
            </EmptyState>
          ) : (
            <TableScroll label={t('rule.title')}>
              <Table highlightOnHover miw={560}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('what')}</Table.Th>
                    <Table.Th>{t('rule.rhythm')}</Table.Th>
                    <Table.Th>{t('rule.next')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map((rule) => {
                    const rhythm = fromRule(rule.rule, rule.start);
                    return (
                      <Table.Tr key={rule.id}>
                        <Table.Td>
                          <TextLink strong {...ruleAddress.to({ id: String(rule.id) })}>
                            {rule.title}
                          </TextLink>
                        </Table.Td>
                        <Table.Td>{rhythm ? describeRecurrence(t, rhythm) : rule.rule}</Table.Td>
                        <Table.Td>
                          {rule.next ? (
                            <time dateTime={rule.next}>{formatDateTime(rule.next, rule.zone)}</time>
                          ) : (
                            t('rule.over')
                          )}
                        </Table.Td>
                      </Table.Tr>
                    );
                  })}
                </Table.Tbody>
              </Table>
            </TableScroll>
          )
        }
      </QueryState>
    </Stack>
  );
}
