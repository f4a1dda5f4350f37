// What other features show of plugins: panels beside an entry, their views of a list.
export type { OpenForm } from './frame/openForm';
export { PluginField } from './field/PluginField';
export { NamedIcon } from './view/icons';
export { useLiveTypes } from './view/useLiveTypes';
export { isFor, usePluginViews } from './slots/useViews';
export { pluginListAddress, pluginAddress } from './addresses';

/** Fetches what draws the panels beside an entry. */
export const loadPanels = () => import('./slots/Panels');
