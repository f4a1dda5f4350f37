import type { PluginView, ViewDocument } from '@/api/pluginViews';
import { PageTitle } from '@/ui/PageTitle';
import { Frame } from '../frame/Frame';
import type { OpenForm } from '../frame/openForm';
import type { ViewChoices } from '../view/context';
import { DeclaredView } from '../view/DeclaredView';

interface Props {
  view: PluginView;
  choices: ViewChoices;
  document?: ViewDocument | undefined;
  /** The form that is open beside it. */
  form?: OpenForm | undefined;
  /** It is a page by itself. */
  page?: boolean;
}

/** A view of a plugin, wherever it stands: drawn by the host, or a page of the plugin's own in a frame. */
export function PluginViewContent({ view, choices, document, form, page = false }: Props) {
  if (view.frame === null) return <DeclaredView view={view} document={document} choices={choices} page={page} />;
  return (
    <>
      {page && <PageTitle title={view.title} />}
      <Frame view={view} path={view.frame} document={document} form={form} choices={choices} page={page} />
    </>
  );
}
