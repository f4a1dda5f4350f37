import { Card, Title } from '@mantine/core';
import { ErrorBoundary } from 'react-error-boundary';
import type { PluginView } from '@/api/pluginViews';
import { useLocalChoices } from '../view/useChoices';
import { FailedPluginPart } from './FailedPluginPart';
import { PluginViewContent } from './PluginViewContent';
import { usePluginViews } from './useViews';

/** Widgets of plugins, a card each, in the grid of the home page. */
export default function Widgets() {
  return usePluginViews()
    .filter(({ kind }) => kind === 'widget')
    .map((view) => <Widget key={`${view.plugin} ${view.name}`} view={view} />);
}

function Widget({ view }: { view: PluginView }) {
  const choices = useLocalChoices();
  const id = `widget-plugin-${view.plugin}-${view.name}`;
  return (
    <Card withBorder padding="md" component="section" data-span={1} aria-labelledby={id}>
      <Title order={2} mb="xs" id={id}>
        {view.title}
      </Title>
      <ErrorBoundary FallbackComponent={FailedPluginPart}>
        <PluginViewContent view={view} choices={choices} />
      </ErrorBoundary>
    </Card>
  );
}
