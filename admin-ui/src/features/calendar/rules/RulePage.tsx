import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { removeRule, type SlotRule, slotRulesQuery } from '@/api/slotRules';
import { QueryState, Section, TextLink, useHasPermission } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { ruleAddress, rulesAddress } from '../addresses';
import { Occurrences } from './Occurrences';
import { fromRule } from './recurrence';
import { RuleForm } from './RuleForm';
import { describeRecurrence } from './describeRecurrence';

/** One rule: what it is, when it comes next, and single times that are different. */
export default function RulePage() {
  const { t } = useTranslation('calendar');
  const { id }: { id?: string } = ruleAddress.useParams();
  const rules = useQuery(slotRulesQuery);
  const mayPlan = useHasPermission('calendar.manage');
  return (
    <Stack gap="md" maw={760}>
      <TextLink {...rulesAddress.to({})}>{t('rule.title')}</TextLink>
      <QueryState query={rules}>
        {(all) => {
          // Only the route of a new one has no number.
          if (id === undefined) {
            return (
              <>
                <PageTitle title={t('rule.new')} />
                <RuleForm />
              </>
            );
          }
          const rule = all.find((one) => one.id === Number(id));
          if (!rule) return <EmptyState title={t('rule.gone')}>{t('rule.goneHint')}</EmptyState>;
          const rhythm = fromRule(rule.rule, rule.start);
          return (
            <>
              <PageTitle title={rule.title}>
                <Text size="sm" c="dimmed">
                  {rhythm ? describeRecurrence(t, rhythm) : rule.rule}
                </Text>
              </PageTitle>
              <Occurrences rule={rule} mayPlan={mayPlan} />
              {mayPlan && <RuleForm key={rule.id} rule={rule} />}
              {mayPlan && <RemoveRuleSection rule={rule} />}
            </>
          );
        }}
      </QueryState>
    </Stack>
  );
}

/** Asked before: the single times that were changed do not come back with another rule. */
function RemoveRuleSection({ rule }: { rule: SlotRule }) {
  const { t } = useTranslation(['calendar', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => removeRule(rule.id),
    onSuccess: async () => {
      setAsking(false);
      await navigate(rulesAddress.to({}));
      await queries.invalidateQueries({ queryKey: ['calendar'] });
    },
  });
  return (
    <Section title={t('calendar:rule.remove')} lead={t('calendar:rule.removeLead')}>
      <Button variant="outline" color="red" onClick={() => setAsking(true)}>
        {t('calendar:rule.remove')}
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('calendar:rule.removeTitle', { title: rule.title })}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        <Stack gap="md">
          {remove.error && <ErrorMessage error={remove.error} />}
          <Text size="sm">{t('calendar:rule.removeText')}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              {t('common:cancel')}
            </Button>
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t('common:remove')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Section>
  );
}
