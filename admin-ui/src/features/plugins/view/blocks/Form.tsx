import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contentTypeOf } from '@/api/model';
import { problemsOf } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { FormDialog } from '@/ui/FormDialog';
import { SavedNote } from '@/ui/SavedNote';
import { FormView } from '@/views/form/FormView';
import { isSchema, type Schema, withDefaults } from '../../schema/schema';
import { SchemaForm } from '../../schema/SchemaForm';
import { useLabels, useView } from '../context';
import type { BlockOf } from '../types';
import { actionProblemAt } from './Actions';
import { BlockSection } from './BlockSection';
import { DocumentForm } from './DocumentForm';
import { MissingContentType } from './MissingContentType';

/** A form: of a document, which the host stores, or of values, which go to the plugin. */
export default function Form({ block }: { block: BlockOf<'form'> }) {
  const label = useLabels();
  return (
    <BlockSection label={label(block.label)}>
      {block.type && block.sections ? (
        <DocumentFormBlock block={block} uid={block.type} sections={block.sections} />
      ) : isSchema(block.schema) && block.call ? (
        <ValuesForm block={block} schema={block.schema} call={block.call} />
      ) : null}
    </BlockSection>
  );
}

function DocumentFormBlock({
  block,
  uid,
  sections,
}: {
  block: BlockOf<'form'>;
  uid: string;
  sections: NonNullable<BlockOf<'form'>['sections']>;
}) {
  const { model, viewer, navigation } = useView();
  const type = contentTypeOf(model, uid);
  if (!type) return <MissingContentType type={uid} />;
  const locale = type.localized ? (block.locale ?? viewer.locale) : undefined;
  // What has gone from the type since is left out.
  const definition = {
    kind: 'form' as const,
    type: uid,
    sections: sections.map((section) => ({
      ...section,
      fields: section.fields.filter((name) => name in type.attributes),
    })),
  };
  if (block.documentId)
    return (
      <DocumentForm
        key={`${block.documentId} ${locale ?? ''}`}
        model={model}
        type={type}
        definition={definition}
        documentId={block.documentId}
        locale={locale}
      />
    );
  return (
    <FormView
      model={model}
      type={type}
      definition={definition}
      locale={locale}
      href={(entry) => navigation.href(uid, entry)}
      open={(entry) => navigation.open(uid, entry)}
    />
  );
}

function ValuesForm({ block, schema, call }: { block: BlockOf<'form'>; schema: Schema; call: string }) {
  const { t } = useTranslation(['pluginView', 'common']);
  const label = useLabels();
  const { act } = useView();
  const [values, setValues] = useState(() => (withDefaults(schema, block.values) ?? {}) as Record<string, unknown>);
  const [asking, setAsking] = useState(false);
  const send = useMutation({
    mutationFn: () => act(call, values),
    onSettled: () => setAsking(false),
  });
  const name = label(block.submit) ?? t('common:save');
  const confirm = label(block.confirm);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (send.isPending) return;
        if (confirm) setAsking(true);
        else send.mutate();
      }}
    >
      <Stack gap="md" maw={720}>
        {send.error &&
          (problemsOf(send.error).length > 0 ? (
            <FormErrorSummary error={send.error} schema={schema} />
          ) : (
            <ErrorMessage error={send.error} />
          ))}
        <SchemaForm
          schema={schema}
          value={values}
          onChange={(next) => {
            setValues(next);
            if (send.isSuccess) send.reset();
          }}
          problemAt={(path) => actionProblemAt(send.error, path)}
          disabled={send.isPending}
        />
        <Group>
          <Button type="submit" loading={send.isPending}>
            {name}
          </Button>
          <SavedNote shown={send.isSuccess}>{t('common:done')}</SavedNote>
        </Group>
      </Stack>
      {asking && (
        <FormDialog
          title={name}
          onClose={() => setAsking(false)}
          onSubmit={() => send.mutate()}
          pending={send.isPending}
          submit={name}
        >
          <Text size="sm">{confirm}</Text>
        </FormDialog>
      )}
    </form>
  );
}

/** What a refusal says that stands beside no field of the form. */
function FormErrorSummary({ error, schema }: { error: Error; schema: Schema }) {
  const { t } = useTranslation('common');
  const names = Object.keys(schema.properties ?? {});
  const elsewhere = problemsOf(error).filter(
    ({ path }) => !names.includes(path.replace(/^values\./, '').split(/[.[]/)[0] ?? ''),
  );
  return (
    <Text role="alert" size="sm" c="red">
      {elsewhere.length > 0
        ? elsewhere.map(({ message }) => message).join(' ')
        : t('error.summary', { count: problemsOf(error).length })}
    </Text>
  );
}
