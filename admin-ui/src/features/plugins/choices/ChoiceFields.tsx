import { Badge, Checkbox, Code, Group, Stack, TagsInput, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PluginChoice } from '@/api/plugins';
import { type ChoiceOption, type ChosenValues, choiceOptions, toggleValue } from './chosen';
import classes from './ChoiceFields.module.css';

interface Props {
  choices: readonly PluginChoice[];
  values: ChosenValues;
  onChange: (name: string, values: string[]) => void;
  disabled?: boolean;
  /** A version is there already: what is newly chosen is marked. */
  marksNew?: boolean;
  problemAt?: (name: string) => string | undefined;
}

/** The choices that a plugin leaves: content types of the project, with those that do not fit and why, or origins and addresses. */
export function ChoiceFields({ choices, values, onChange, disabled = false, marksNew = false, problemAt }: Props) {
  return (
    <Stack gap="md">
      {choices.map((choice) =>
        choice.kind === 'content-types' ? (
          <TypeChoice
            key={choice.name}
            choice={choice}
            values={values[choice.name] ?? []}
            onChange={(next) => onChange(choice.name, next)}
            disabled={disabled}
            marksNew={marksNew}
            problem={problemAt?.(choice.name)}
          />
        ) : (
          <ListChoice
            key={choice.name}
            choice={choice}
            values={values[choice.name] ?? []}
            onChange={(next) => onChange(choice.name, next)}
            disabled={disabled}
            problem={problemAt?.(choice.name)}
          />
        ),
      )}
    </Stack>
  );
}

interface ChoiceProps {
  choice: PluginChoice;
  values: readonly string[];
  onChange: (values: string[]) => void;
  disabled: boolean;
  problem: string | undefined;
}

function TypeChoice({ choice, values, onChange, disabled, marksNew, problem }: ChoiceProps & { marksNew: boolean }) {
  const { t } = useTranslation('plugin');
  const { fitting, others } = choiceOptions(choice, values);
  const needs = choice.needs.map(({ name, kind }) => (kind === null ? name : `${name} (${kind})`)).join(', ');
  const option = (one: ChoiceOption) => (
    <Checkbox
      key={one.uid}
      value={one.uid}
      checked={values.includes(one.uid)}
      // What does not fit can be taken out, and not put in.
      disabled={disabled || (one.problem !== null && !values.includes(one.uid))}
      onChange={(event) => onChange(toggleValue(values, one.uid, event.currentTarget.checked))}
      label={
        <Group gap="xs">
          {one.displayName} <Code className={classes.uid}>{one.uid}</Code>
          {marksNew && one.isNew && (
            <Badge color="yellow" variant="light" c="var(--mantine-color-text)">
              {t('new')}
            </Badge>
          )}
        </Group>
      }
      description={one.problem ?? undefined}
    />
  );
  return (
    <fieldset className={classes.choice}>
      <legend>
        <Text size="sm" fw={500}>
          {choice.title}
        </Text>
      </legend>
      <Stack gap="xs">
        {needs && (
          <Text size="xs" c="dimmed">
            {t('choices.needs', { attributes: needs })}
          </Text>
        )}
        {fitting.length === 0 && <Text size="sm">{t('choices.noneFits')}</Text>}
        {fitting.map(option)}
        {others.length > 0 && (
          <details>
            <summary>
              <Text size="sm" span>
                {t('choices.others', { count: others.length })}
              </Text>
            </summary>
            <Stack gap="xs" mt="xs">
              {others.map(option)}
            </Stack>
          </details>
        )}
        {values.length === 0 && (
          <Text size="xs" c="dimmed">
            {t('choices.nothing')}
          </Text>
        )}
        {problem && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {problem}
          </Text>
        )}
      </Stack>
    </fieldset>
  );
}

function ListChoice({ choice, values, onChange, disabled, problem }: ChoiceProps) {
  const { t } = useTranslation('plugin');
  const addresses = choice.kind === 'addresses';
  return (
    <TagsInput
      label={choice.title}
      description={t(addresses ? 'choices.addresses' : 'choices.origins')}
      placeholder={addresses ? 'https://api.example.com/v1/*' : 'https://www.example.com'}
      value={[...values]}
      onChange={onChange}
      disabled={disabled}
      error={problem}
      splitChars={[' ']}
      acceptValueOnBlur
    />
  );
}
