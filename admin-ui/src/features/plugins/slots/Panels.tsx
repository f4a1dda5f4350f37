import { Card, Title } from '@mantine/core';
import { useMemo } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import type { PluginView, ViewDocument } from '@/api/pluginViews';
import type { OpenForm } from '../frame/openForm';
import { useLocalChoices } from '../view/useChoices';
import { FailedPluginPart } from './FailedPluginPart';
import { PluginViewContent } from './PluginViewContent';
import { isFor, usePluginViews } from './useViews';

/** What plugins show beside the fields of an entry. */
export default function FormPanels({ form }: { form: OpenForm }) {
  return <Panels document={form} form={form} />;
}

/** The panels of plugins for a document, beside its form or beside its page. */
export function Panels({ document, form }: { document: ViewDocument; form?: OpenForm }) {
  return usePluginViews()
    .filter((view) => isFor(view, 'panel', document.contentType))
    .map((view) => <Panel key={`${view.plugin} ${view.name}`} view={view} about={document} form={form} />);
}

function Panel({ view, about, form }: { view: PluginView; about: ViewDocument; form: OpenForm | undefined }) {
  const choices = useLocalChoices();
  const { contentType, documentId, locale } = about;
  const document = useMemo(
    () => ({ contentType, documentId, ...(locale ? { locale } : {}) }),
    [contentType, documentId, locale],
  );
  const id = `panel-plugin-${view.plugin}-${view.name}`;
  return (
    <Card withBorder padding="sm" component="section" aria-labelledby={id}>
      <Title order={2} size="h4" mb="xs" id={id}>
        {view.title}
      </Title>
      <ErrorBoundary FallbackComponent={FailedPluginPart}>
        <PluginViewContent view={view} choices={choices} document={document} form={form} />
      </ErrorBoundary>
    </Card>
  );
}
