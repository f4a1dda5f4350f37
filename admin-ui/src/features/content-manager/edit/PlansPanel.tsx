import { Button, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { cancelSchedule, listSchedules, type Subject } from '@/api/editorial';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import classes from './Edit.module.css';

/** What will happen to the entry, and when. */
export default function PlansPanel({ subject }: { subject: Subject }) {
  const { t } = useTranslation('editor');
  const queries = useQueryClient();
  const key = ['entry-schedules', subject.uid, subject.documentId];
  const plans = useQuery({ queryKey: key, queryFn: ({ signal }) => listSchedules(subject, signal) });
  const cancel = useMutation({
    mutationFn: cancelSchedule,
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  if (plans.isError) return <ErrorMessage error={plans.error} retry={() => void plans.refetch()} />;
  return (
    <Stack gap="sm">
      {plans.isSuccess && plans.data.length === 0 && <Text className={classes.dim}>{t('plans.none')}</Text>}
      {cancel.isError && <ErrorMessage error={cancel.error} />}
      <ul className={classes.list}>
        {plans.data?.map((plan) => (
          <li key={plan.id} className={classes.card}>
            <div>{t(`plans.${plan.action}`, { at: formatDateTime(plan.due, plan.zone), zone: plan.zone })}</div>
            {plan.locale && <div className={classes.dim}>{plan.locale}</div>}
            <Button
              size="compact-xs"
              variant="subtle"
              color="red"
              loading={cancel.isPending}
              onClick={() => cancel.mutate(plan.id)}
            >
              {t('plans.cancel')}
            </Button>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
