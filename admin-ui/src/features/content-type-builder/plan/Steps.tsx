import { Badge, Group, NativeSelect, Text, Title } from '@mantine/core';
import { IconArrowsMove, IconChecklist, IconCirclePlus, IconPencil, IconReplace, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Answers, Decision, Plan, PlanStep, StepClass } from '@/api/schemaChanges';
import type { Icon } from '@/ui/icon';
import classes from '../Builder.module.css';
import { useBuilder } from '../builder';
import { storedName, storedUid } from '../model/draft';
import { Sentence } from '@/ui/Sentence';

const LOOKS: Record<StepClass, { icon: Icon; color: string }> = {
  add: { icon: IconCirclePlus, color: 'green' },
  rename: { icon: IconPencil, color: 'blue' },
  move: { icon: IconArrowsMove, color: 'blue' },
  check: { icon: IconChecklist, color: 'yellow' },
  convert: { icon: IconReplace, color: 'orange' },
  drop: { icon: IconTrash, color: 'red' },
};

/** What may be decided about content that does not fit, by what a step does. */
const DECISIONS: Record<string, readonly Decision[]> = {
  convert: ['fail', 'null', 'cut', 'drop'],
  required: ['fail', 'keep'],
  localized: ['fail', 'cut'],
};

interface Props {
  plan: Plan;
  answers: Answers;
  onAnswers: (answers: Answers) => void;
}

/** The steps in their order, each with what it does to the content. */
export function Steps({ plan, answers, onAnswers }: Props) {
  const { t } = useTranslation('builder');
  if (plan.steps.length === 0) return <Text size="sm">{t('steps.none')}</Text>;
  return (
    <section aria-labelledby="plan-steps">
      <Title order={2} id="plan-steps" mb="xs">
        {t('steps.title', { count: plan.steps.length })}
      </Title>
      <ol className={classes.list}>
        {plan.steps.map((step) => (
          <StepRow key={step.id} step={step} answers={answers} onAnswers={onAnswers} />
        ))}
      </ol>
    </section>
  );
}

function StepRow({ step, answers, onAnswers }: { step: PlanStep } & Omit<Props, 'plan'>) {
  const { t } = useTranslation('builder');
  const location = usePlace(step);
  const { icon: StepIcon, color } = LOOKS[step.class];
  const { change, on } = step.change;
  const decisions =
    (change === 'required' && on === false) || (change === 'localized' && on === true) ? undefined : DECISIONS[change];
  return (
    <li className={classes.row}>
      <Badge
        variant="outline"
        color={color}
        leftSection={<StepIcon size={12} aria-hidden />}
        w="7.5rem"
        style={{ flex: 'none' }}
      >
        {t(`class.${step.class}`)}
      </Badge>
      <div className={classes.main}>
        <Sentence text={step.sentence} />
        <Text size="xs" c="dimmed">
          {step.class === 'add' ? t('steps.nothingTouched') : t('steps.rows', { count: step.rows })}
        </Text>
        {step.class === 'rename' && (
          <Text size="xs" fw={500}>
            {t('steps.breaksClients')}
          </Text>
        )}
      </div>
      {decisions && (
        <Group>
          <NativeSelect
            size="xs"
            label={t('decision.label')}
            data={decisions.map((value) => ({ value, label: t(`decision.${value}`) }))}
            value={answers.decisions?.[location] ?? 'fail'}
            onChange={(event) =>
              onAnswers({
                ...answers,
                decisions: { ...answers.decisions, [location]: event.currentTarget.value as Decision },
              })
            }
          />
        </Group>
      )}
    </li>
  );
}

/** Decisions name what they are about as the database does, before any rename. */
function usePlace(step: PlanStep): string {
  const { base, draft } = useBuilder();
  const { owner } = step;
  const { attribute } = step.change;
  const uid = storedUid(base, draft.present, owner) ?? owner;
  if (typeof attribute !== 'string') return uid;
  return `${uid}.${storedName(base, draft.present, owner, attribute) ?? attribute}`;
}
