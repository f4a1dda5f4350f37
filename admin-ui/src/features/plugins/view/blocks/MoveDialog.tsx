import { Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/ApiError';
import { serverProblemText } from '@/fields/form/serverProblem';
import { labelOf } from '@/fields/label';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import { type EntryMove, isConflict } from '@/views/moveEntry';
import { isSchema, type Schema, typeOf, withDefaults } from '../../schema/schema';
import { SchemaForm } from '../../schema/SchemaForm';
import { useLabels } from '../context';
import type { MoveBlock } from '../types';
import { actionProblemAt, actionProblems } from './Actions';
import { refusedNames } from './refusedNames';

type Values = Record<string, unknown>;

interface Props {
  block: MoveBlock;
  change: EntryMove;
  /** Properties that are asked for to begin with. */
  names: readonly string[];
  /** Why it was refused without them. */
  refusal: unknown;
  run: (values: Values) => Promise<void>;
  end: (moved: boolean) => void;
  fail: (error: unknown) => void;
}

/** Asks before an entry is moved: whether, and for the values it needs. What a refusal names is asked for as well. */
export function MoveDialog({ block, change, names: first, refusal, run, end, fail }: Props) {
  const { t } = useTranslation(['pluginView', 'common']);
  const { t: tf } = useTranslation('fields');
  const label = useLabels();
  const schema = isSchema(block.schema) ? block.schema : {};
  const [names, setNames] = useState(first);
  const [values, setValues] = useState(() => initialValues(schema, block.call ? block.values : undefined));
  const [missing, setMissing] = useState<readonly string[]>([]);
  const [error, setError] = useState(refusal);
  const submit = useMutation({
    mutationFn: async () => run(pick(values, names)),
    onSuccess: () => end(true),
    onError: (cause) => {
      // Another try from the same version would be refused again.
      if (isConflict(cause)) {
        fail(cause);
        return;
      }
      const refused = refusedNames(schema, cause);
      setError(cause);
      setNames([...new Set([...names, ...refused])]);
      const messages = refused.flatMap((name) => actionProblemAt(cause, name) ?? []);
      if (messages.length > 0) announce(messages.join(' '));
    },
  });
  const asked = pickProperties(schema, names);
  // What the server says of fields is known in the reader's language; what a plugin says is in its own.
  const problemAt = (path: string): string | undefined => {
    const message = actionProblemAt(error, path);
    return message !== undefined && !block.call ? serverProblemText(tf, message) : message;
  };
  const question = label(block.confirm);
  return (
    <FormDialog
      title={label(block.label) ?? t('pluginView:move.title', { title: change.title, place: change.place })}
      onClose={() => {
        if (!submit.isPending) end(false);
      }}
      onSubmit={() => {
        const empty = (asked.required ?? []).filter((name) => isEmpty(values[name]));
        setMissing(empty);
        if (empty.length > 0) announce(t('common:error.summary', { count: empty.length }));
        else submit.mutate();
      }}
      pending={submit.isPending}
      error={errorBeside(schema, error)}
      submit={t('pluginView:move.do')}
      noValidate
    >
      {question && <Text size="sm">{question}</Text>}
      {names.length > 0 && (
        <SchemaForm
          schema={asked}
          value={values}
          onChange={setValues}
          problemAt={(path) => (missing.includes(path) ? t('common:required') : problemAt(path))}
        />
      )}
    </FormDialog>
  );
}

/** What a form begins with. A switch that nobody has touched is off. */
function initialValues(schema: Schema, given: Values | undefined): Values {
  const switches = Object.entries(schema.properties ?? {}).filter(([, property]) => typeOf(property) === 'boolean');
  const off = Object.fromEntries(switches.map(([name]) => [name, false]));
  return { ...off, ...(withDefaults(schema, given) as Values | undefined) };
}

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/** A schema of some of its properties. */
function pickProperties(schema: Schema, names: readonly string[]): Schema {
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => names.includes(name))),
    required: (schema.required ?? []).filter((name) => names.includes(name)),
  };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** What of a refusal stands at none of the fields. */
function errorBeside(schema: Schema, error: unknown): unknown {
  const problems = actionProblems(error);
  if (problems.length === 0) return error;
  const others = problems.filter(({ path }) => !Object.hasOwn(schema.properties ?? {}, path.split('.')[0] ?? ''));
  if (others.length === 0) return undefined;
  const message = others
    .map(({ path, message: text }) =>
      path === ''
        ? text
        : `${path
            .split('.')
            .map((name) => labelOf(name))
            .join(' › ')}: ${text}`,
    )
    .join(' ');
  return new ApiError({ status: 400, name: 'ValidationError', message });
}
