import { IconFiles, IconLayoutDashboard } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import { findEntries, hasEntries } from './search';
import { createRoute, entryRoute } from './edit/routes';
import RecentWidget, { useHasDrafts } from './list/RecentWidget';
import { NewMenu } from './NewMenu';
import { contentAddress, listAddress, NEW_VIEW, viewEditAddress } from './addresses';
import { binRoute, contentRoute, listRoute, viewEditRoute, viewRoute } from './routes';
import DashboardsWidget, { useHasDashboards } from './saved/DashboardsWidget';
import { TypesMenu } from './types-menu/TypesMenu';
import { useTypeEntries } from './useTypeEntries';

/** Content: lists of entries, the bin, and what is searched. */
export function register(): Feature {
  return {
    name: 'content-manager',
    routes: [contentRoute, binRoute, listRoute, createRoute, entryRoute, viewEditRoute, viewRoute],
    navigation: [
      {
        id: 'content',
        label: 'list:content',
        icon: IconFiles,
        to: contentAddress.path,
        besides: listAddress.path,
        order: 10,
        goTo: 'c',
        below: TypesMenu,
      },
    ],
    homeAction: NewMenu,
    usePaletteEntries: useTypeEntries,
    paletteSearch: { label: 'list:palette', find: findEntries },
    palette: [
      {
        id: 'new-dashboard',
        label: 'views:builder.newDashboard',
        icon: IconLayoutDashboard,
        target: viewEditAddress.to({ id: NEW_VIEW }, { kind: 'dashboard' }),
      },
    ],
    widgets: [
      {
        id: 'recent-drafts',
        title: 'list:widget.title',
        order: 10,
        span: 2,
        widget: RecentWidget,
        useHasContent: useHasDrafts,
      },
      {
        id: 'dashboards',
        title: 'views:builder.dashboards',
        order: 60,
        widget: DashboardsWidget,
        useHasContent: useHasDashboards,
      },
    ],
    firstSteps: [
      {
        id: 'first-entry',
        label: 'list:first.label',
        description: 'list:first.description',
        order: 20,
        target: contentAddress.to({}),
        done: hasEntries,
      },
    ],
    shortcuts: [
      { keys: '↓', label: 'list:types.move', where: 'list:types.where' },
      { keys: 'n', label: 'list:create', where: 'list:keys.home' },
      { keys: 'n', label: 'list:create', where: 'list:keys.where' },
      { keys: '/', label: 'list:keys.search', where: 'list:keys.where' },
      { keys: 'j', label: 'list:keys.down', where: 'list:keys.where' },
      { keys: 'k', label: 'list:keys.up', where: 'list:keys.where' },
      { keys: 'x', label: 'list:keys.select', where: 'list:keys.where' },
      { keys: 'Enter', label: 'list:keys.open', where: 'list:keys.where' },
      { keys: 'mod+Enter', label: 'list:keys.openTab', where: 'list:keys.where' },
      { keys: 'Space', label: 'list:keys.peek', where: 'list:keys.where' },
      { keys: 'F2', label: 'list:keys.edit', where: 'list:keys.where' },
      { keys: 'mod+S', label: 'editor:save.do', where: 'editor:title' },
      { keys: 'mod+shift+P', label: 'editor:publish.now', where: 'editor:title' },
      { keys: 'mod+shift+L', label: 'sides:keys.across', where: 'editor:title' },
      { keys: 'mod+Z', label: 'editor:turn.undo', where: 'editor:title' },
      { keys: 'mod+shift+Z', label: 'editor:turn.redo', where: 'editor:title' },
      { keys: 'F8', label: 'editor:keys.toast', where: 'editor:title' },
      { keys: 'alt+PageUp', label: 'editor:trail.previous', where: 'editor:title' },
      { keys: 'alt+PageDown', label: 'editor:trail.next', where: 'editor:title' },
      { keys: 'alt+↑', label: 'editor:keys.up', where: 'editor:title' },
      { keys: 'alt+↓', label: 'editor:keys.down', where: 'editor:title' },
      { keys: 'mod+shift+K', label: 'editor:keys.link', where: 'editor:title' },
    ],
  };
}
