// What other features show of plugins: panels beside an entry, their views of a list.
export type { OpenForm } from './frame/openForm';
export { PluginField } from './field/PluginField';
export { NamedIcon } from './view/icons';
export { useLiveTypes } from './view/useLiveTypes';
export { documentViewOf, isFor, usePluginViews } from './slots/useViews';
export { mergeParameters } from './view/parameters';
export type { ViewChoices } from './view/context';
export { pluginListAddress, pluginAddress } from './addresses';

/** Fetches what draws a plugin's page of a document. */
export const loadDocumentView = () => import('./slots/DocumentView');

/** Fetches what draws the panels beside an entry. */
export const loadPanels = () => import('./slots/Panels');
