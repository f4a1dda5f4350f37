import { contentTypeOf, type Model } from '@/api/model';
import type { PluginView } from '@/api/pluginViews';
import type { NamedView } from '@/fields/customField/base';
import { splitPath } from '@/fields/form/values';
import { mayRead } from '../frame/readQuery';

/** What draws a field: a plugin's view in a frame, or its own input, and why that is. */
export type FieldView = { is: 'frame'; view: PluginView; path: string } | { is: 'missing' | 'denied'; plugin: string };

/** Where the field is: the type that is edited, and the path in it. */
interface FieldLocation {
  model: Model;
  uid: string;
  path: string;
}

/** What draws a field that names a view. A frame is handed the field's value, so its plugin has to be granted to read it. */
export function fieldView(
  views: readonly PluginView[],
  named: NamedView,
  { model, uid, path }: FieldLocation,
): FieldView {
  const view = views.find(
    ({ kind, plugin, name }) => kind === 'field' && plugin === named.plugin && name === named.view,
  );
  if (!view || view.frame === null) return { is: 'missing', plugin: named.plugin };
  const type = contentTypeOf(model, uid);
  // What is in a component is granted with the attribute of the type that the component is in.
  const [first = ''] = splitPath(path);
  if (!type || !mayRead(view.plugin, view.reads ?? {}, type, first))
    return { is: 'denied', plugin: view.pluginName ?? view.plugin };
  return { is: 'frame', view, path: view.frame };
}
