import { Input, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ComponentProps, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { contentTypeOf } from '@/api/model';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import type { Filters } from '@/views/conditions/condition';
import { OfferedFields } from '@/views/filters/OfferedFields';
import { JsonField } from './JsonField';
import type { Schema } from './schema';

const ConditionBuilder = lazyPart(async () => ({
  default: (await import('@/views/conditions/ConditionBuilder')).ConditionBuilder,
}));

interface Props extends ComponentProps<typeof JsonField> {
  /** With the type whose documents are meant, and the fields that can be asked about. */
  schema: Schema;
  /** What holds where nothing is said. */
  usual: unknown;
}

/** Edits which documents of a type are meant, by conditions on the fields that the plugin names. The value is a filter of the query language. */
export function ConditionsField({ schema, usual, ...props }: Props) {
  const { t } = useTranslation('plugin');
  const { value, onChange, label, description, error, disabled, withAsterisk } = props;
  const id = useId();
  const model = useQuery(modelQuery);
  const type = contentTypeOf(model.data, schema.contentType);
  // The builder keeps sentences that are not finished: it begins anew only where the value has become another by itself.
  const [shown, setShown] = useState({ value, turn: 0 });
  if (JSON.stringify(shown.value) !== JSON.stringify(value)) setShown({ value, turn: shown.turn + 1 });
  const change = (filters: Filters | undefined): void => {
    // Nothing said would bring back what is usual.
    const next = filters ?? (usual === undefined ? undefined : {});
    setShown({ value: next, turn: shown.turn });
    onChange(next);
  };
  if (model.isSuccess && !type) {
    const note = t('schema.conditions.noType', { type: schema.contentType });
    return <JsonField {...props} description={[description, note].filter(Boolean).join(' ')} />;
  }
  return (
    <Input.Wrapper
      id={id}
      label={label}
      labelElement="div"
      description={description}
      error={error}
      withAsterisk={withAsterisk}
    >
      <Stack
        gap="xs"
        mt="xs"
        role="group"
        aria-labelledby={`${id}-label`}
        aria-describedby={
          [description && `${id}-description`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
        }
      >
        {model.data && type ? (
          <OfferedFields value={schema.fields}>
            <PartBoundary>
              <ConditionBuilder
                key={shown.turn}
                model={model.data}
                type={type}
                value={(value ?? usual) as Filters | undefined}
                onChange={change}
                variables={[]}
                readOnly={disabled}
              />
            </PartBoundary>
          </OfferedFields>
        ) : model.error ? (
          <ErrorMessage error={model.error} retry={() => void model.refetch()} />
        ) : (
          <Text size="sm" role="status">
            {t('schema.reference.loading')}
          </Text>
        )}
      </Stack>
    </Input.Wrapper>
  );
}
