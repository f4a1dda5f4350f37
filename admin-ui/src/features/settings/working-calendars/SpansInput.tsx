import { ActionIcon, Button, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { type ReactNode, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldProblem } from '../parts/problems';
import { problemOf, problemsBelow } from './calendarProblems';
import { endsAtMidnight, newSpan, passesMidnight, type Span } from './spans';

interface Props {
  /** Whose hours they are: a weekday, a holiday. */
  label: string;
  /** Where they are in the calendar: `hours.monday`. */
  path: string;
  spans: readonly Span[];
  onChange: (spans: Span[]) => void;
  problems: readonly FieldProblem[];
  /** In place of the spans where there are none. */
  empty?: ReactNode;
  /** Beside the button that adds one. */
  actions?: ReactNode;
}

/** The hours of a day: from when to when, as often as it opens. */
export function SpansInput({ label, path, spans, onChange, problems, empty, actions }: Props) {
  const { t } = useTranslation('workingCalendars');
  const add = useRef<HTMLButtonElement>(null);
  // The span that was added just now takes the focus once it is drawn.
  const added = useRef(0);
  const problem = problemOf(problems, path);
  return (
    <Stack gap={6} align="flex-start">
      {spans.length === 0 && empty}
      {spans.map((span, at) => (
        <SpanInput
          key={span.key}
          label={t('span.one', { what: label, number: at + 1 })}
          span={span}
          onChange={(next) => onChange(spans.map((one) => (one.key === span.key ? next : one)))}
          onRemove={() => {
            onChange(spans.filter((one) => one.key !== span.key));
            add.current?.focus();
          }}
          focusFirst={(input) => {
            if (added.current !== span.key) return;
            added.current = 0;
            input.focus();
          }}
          problem={problemsBelow(problems, `${path}.${at}`)}
        />
      ))}
      {problem && (
        <Text size="xs" c="var(--mantine-color-error)">
          {problem}
        </Text>
      )}
      <Group gap={4}>
        <Button
          ref={add}
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={12} aria-hidden />}
          aria-label={t('span.addTo', { what: label })}
          onClick={() => {
            const span = spans.length === 0 ? newSpan('09:00', '17:00') : newSpan();
            added.current = span.key;
            onChange([...spans, span]);
          }}
        >
          {t('span.add')}
        </Button>
        {actions}
      </Group>
    </Stack>
  );
}

interface SpanProps {
  label: string;
  span: Span;
  onChange: (span: Span) => void;
  onRemove: () => void;
  focusFirst: (input: HTMLInputElement) => void;
  problem?: string;
}

function SpanInput({ label, span, onChange, onRemove, focusFirst, problem }: SpanProps) {
  const { t } = useTranslation('workingCalendars');
  const id = useId();
  const note = passesMidnight(span) ? t('span.nextDay') : endsAtMidnight(span) ? t('span.midnight') : undefined;
  const time = (name: 'from' | 'to') => ({
    type: 'time',
    'aria-label': t(`span.${name}`, { what: label }),
    value: span[name],
    error: Boolean(problem),
    // Room for “10:30 PM”; a little less on a narrow screen.
    flex: '1 1 94px',
    maw: 122,
    styles: { input: { paddingInline: 8 } },
  });
  return (
    <div role="group" aria-label={label} aria-describedby={`${id}-note ${id}-problem`} style={{ width: '100%' }}>
      <Group gap={6} wrap="nowrap">
        {span.text === undefined ? (
          <>
            <TextInput
              {...time('from')}
              ref={(input) => {
                if (input) focusFirst(input);
              }}
              onChange={(event) => onChange({ ...span, from: event.currentTarget.value })}
            />
            <span aria-hidden>–</span>
            <TextInput {...time('to')} onChange={(event) => onChange({ ...span, to: event.currentTarget.value })} />
          </>
        ) : (
          <Code>{span.text}</Code>
        )}
        <ActionIcon variant="default" size={28} aria-label={t('span.remove', { what: label })} onClick={onRemove}>
          <IconTrash size={14} aria-hidden />
        </ActionIcon>
      </Group>
      <Text id={`${id}-note`} size="xs" c="dimmed">
        {note}
      </Text>
      <Text id={`${id}-problem`} size="xs" c="var(--mantine-color-error)">
        {problem}
      </Text>
    </div>
  );
}
