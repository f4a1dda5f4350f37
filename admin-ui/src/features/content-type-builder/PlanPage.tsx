import { Alert, Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconCheck, IconFlask, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Answers, applyChange, type Plan, planChange } from '@/api/schemaChanges';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { PageTitle } from '@/ui/PageTitle';
import { AppliedCard } from './AppliedCard';
import { BuilderScope } from './BuilderScope';
import { fileProblems, useBuilder } from './builder';
import { FileDiffs } from './FileDiffs';
import { ConsentField } from './plan/ConsentField';
import { Problems } from './plan/Problems';
import { Questions } from './plan/Questions';
import { Sentence } from '@/ui/Sentence';
import { Steps } from './plan/Steps';
import { builderAddress } from './addresses';

/** What the changes would mean for content and files; what has to be said about them; and making them. */
export default function PlanPage() {
  return (
    <BuilderScope toPlan={false}>
      <PlanOfChanges />
    </BuilderScope>
  );
}

function PlanOfChanges() {
  const { t } = useTranslation('builder');
  const { count, draft } = useBuilder();
  // Once it is done, nothing is still to be applied.
  const over = count === 0 && draft.applied !== null;
  return (
    <>
      <PageTitle title={t('plan.title')}>
        {!over && (
          <Text size="sm" c="dimmed">
            {t('plan.lead')}
          </Text>
        )}
      </PageTitle>
      {draft.applied && <AppliedCard applied={draft.applied} />}
      {count > 0 && <PlanContent key={JSON.stringify(draft.present)} />}
      {count === 0 && !draft.applied && (
        <EmptyState
          title={t('plan.nothing')}
          action={
            <Button renderRoot={(props) => <Link {...builderAddress.to({})} {...props} />} variant="default">
              {t('missing.back')}
            </Button>
          }
        >
          {t('plan.nothingHint')}
        </EmptyState>
      )}
    </>
  );
}

function PlanContent() {
  const { t } = useTranslation('builder');
  const { draft, model } = useBuilder();
  const [answers, setAnswers] = useState<Answers>({});
  const planQuery = useQuery({
    queryKey: ['content-types', 'plan', model.hash, draft.present, answers],
    queryFn: ({ signal }) => planChange(draft.present, answers, false, signal),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const problems = fileProblems(planQuery.error);
  if (problems.length > 0) return <Problems problems={problems} />;
  if (planQuery.error)
    return <ErrorMessage error={planQuery.error} title={t('plan.failed')} retry={() => void planQuery.refetch()} />;
  if (!planQuery.data) {
    return (
      <DelayedContent>
        <Skeleton h={200} />
      </DelayedContent>
    );
  }
  return (
    <PlanDetails
      plan={planQuery.data}
      answers={answers}
      settled={!planQuery.isPlaceholderData}
      onAnswers={setAnswers}
    />
  );
}

interface PlanDetailsProps {
  plan: Plan;
  answers: Answers;
  /** The plan is that of these answers. */
  settled: boolean;
  onAnswers: (answers: Answers) => void;
}

function PlanDetails({ plan, answers, settled, onAnswers }: PlanDetailsProps) {
  const { t } = useTranslation('builder');
  const { draft, store, locked } = useBuilder();
  const queries = useQueryClient();
  const [agreed, setAgreed] = useState<string | null>(null);
  const attempt = useMutation({ mutationFn: () => planChange(draft.present, answers, true) });
  const apply = useMutation({
    mutationFn: () => applyChange(draft.present, plan.needsConsent ? { ...answers, consent: plan.hash } : answers),
    onSuccess: (applied) => {
      store.clear(applied);
      announce(t('applied.title'));
      void queries.invalidateQueries();
    },
  });
  const consented = !plan.needsConsent || agreed === plan.hash;
  const blocked = plan.problems.length > 0;
  const applyProblems = fileProblems(apply.error);
  return (
    <Stack gap="lg">
      {blocked && <PlanProblems title={t('plan.problems')} color="red" problems={plan.problems} />}
      {plan.warnings.length > 0 && <PlanProblems title={t('plan.warnings')} color="yellow" problems={plan.warnings} />}
      {plan.questions.length > 0 && <Questions questions={plan.questions} answers={answers} onAnswers={onAnswers} />}
      <Steps plan={plan} answers={answers} onAnswers={onAnswers} />
      {plan.tenants.length > 0 && (
        <section aria-labelledby="plan-tenants">
          <Title order={2} id="plan-tenants">
            {t('plan.tenants')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('plan.tenantsHint')}
          </Text>
          <Stack gap="xs" mt="xs">
            {plan.tenants.map((tenant) => (
              <Card withBorder key={tenant.name}>
                <Text fw={600}>{tenant.name}</Text>
                {tenant.steps.map((sentence) => (
                  <Sentence key={sentence} text={sentence} />
                ))}
                {tenant.problems.map((problem) => (
                  <Text key={problem.place + problem.message} size="sm" c="var(--mantine-color-error)">
                    {problem.place}: {problem.message}
                  </Text>
                ))}
                {tenant.refused && (
                  <Text size="sm" c="var(--mantine-color-error)" style={{ whiteSpace: 'pre-wrap' }}>
                    {tenant.refused}
                  </Text>
                )}
              </Card>
            ))}
          </Stack>
        </section>
      )}
      <FileDiffs files={plan.files} />
      <Card withBorder component="section" aria-labelledby="plan-apply">
        <Title order={2} id="plan-apply" mb="xs">
          {t('plan.apply')}
        </Title>
        <Stack gap="sm" align="stretch">
          {attempt.data && !attempt.data.refused && (
            <Alert color="green" icon={<IconCheck aria-hidden />} title={t('plan.fits')} role="status">
              {t('plan.fitsHint')}
            </Alert>
          )}
          {attempt.data?.refused && (
            <Alert color="red" title={t('plan.doesNotFit')} role="alert">
              <div style={{ whiteSpace: 'pre-wrap' }}>{attempt.data.refused}</div>
            </Alert>
          )}
          {attempt.error && <ErrorMessage error={attempt.error} title={t('plan.tryFailed')} />}
          {plan.needsConsent && !blocked && !locked && (
            <ConsentField plan={plan} onAgree={(yes) => setAgreed(yes ? plan.hash : null)} />
          )}
          {apply.error &&
            (applyProblems.length > 0 ? (
              <Problems problems={applyProblems} />
            ) : (
              <ErrorMessage error={apply.error} title={t('plan.applyFailed')} retry={() => apply.mutate()} />
            ))}
          {locked && <Text size="sm">{t('locked.explanation')}</Text>}
          <Group>
            <Button
              variant="default"
              leftSection={<IconFlask size={16} aria-hidden />}
              loading={attempt.isPending}
              disabled={blocked}
              onClick={() => attempt.mutate()}
            >
              {t('plan.try')}
            </Button>
            {!locked && (
              <Button
                color={plan.needsConsent ? 'red' : undefined}
                leftSection={
                  plan.needsConsent ? <IconTrash size={16} aria-hidden /> : <IconCheck size={16} aria-hidden />
                }
                loading={apply.isPending}
                disabled={blocked || !consented || !settled}
                onClick={() => apply.mutate()}
              >
                {t('plan.applyNow', { count: plan.steps.length })}
              </Button>
            )}
          </Group>
          <Text size="xs" c="dimmed" role="status">
            {apply.isPending ? t('plan.applying') : t('plan.applyHint')}
          </Text>
        </Stack>
      </Card>
    </Stack>
  );
}

function PlanProblems({ title, color, problems }: { title: string; color: string; problems: Plan['problems'] }) {
  return (
    <Alert color={color} title={title}>
      {problems.map((problem) => (
        <Text size="sm" key={problem.place + problem.message}>
          <b>{problem.place}</b>: <Sentence text={problem.message} inline />
        </Text>
      ))}
    </Alert>
  );
}
