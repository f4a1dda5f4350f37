import { Card, Radio, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Answers, Plan } from '@/api/schemaChanges';
import { Sentence } from '@/ui/Sentence';

interface Props {
  questions: Plan['questions'];
  answers: Answers;
  onAnswers: (answers: Answers) => void;
}

const NOT_RENAMED = '';

/** Is what is new what is gone, under another name? Nobody guesses. */
export function Questions({ questions, answers, onAnswers }: Props) {
  const { t } = useTranslation('builder');
  return (
    <section aria-labelledby="plan-questions">
      <Title order={2} id="plan-questions" mb="xs">
        {t('questions.title')}
      </Title>
      <Stack gap="sm">
        {questions.map((question) => (
          <Card withBorder key={question.old}>
            <Radio.Group
              label={<Sentence text={question.sentence} inline />}
              description={t('questions.hint')}
              value={
                answers.renames && question.old in answers.renames
                  ? (answers.renames[question.old] ?? NOT_RENAMED)
                  : null
              }
              onChange={(value) =>
                onAnswers({
                  ...answers,
                  renames: { ...answers.renames, [question.old]: value === NOT_RENAMED ? null : value },
                })
              }
            >
              <Stack gap={6} mt="xs">
                {question.candidates.map((candidate) => (
                  <Radio key={candidate} value={candidate} label={t('questions.yes', { name: candidate })} />
                ))}
                <Radio value={NOT_RENAMED} label={t('questions.no')} />
              </Stack>
            </Radio.Group>
          </Card>
        ))}
      </Stack>
    </section>
  );
}
