import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Preferences } from '@/api/preferences';
import { renderAt } from '@/test/renderAt';
import PluginNavigation from './Navigation';

let stored: Preferences;
let plugins: Record<string, readonly string[]>;
const request = vi.hoisted(() => vi.fn());

vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));

vi.mock(import('./useViews'), async (actual) => ({
  ...(await actual()),
  usePluginViews: () =>
    Object.entries(plugins).flatMap(([plugin, pages]) =>
      pages.map((page) => ({
        plugin,
        pluginName: plugin.toUpperCase(),
        name: page,
        kind: 'page',
        path: `/${page}`,
        title: page,
        icon: null,
        types: [],
      })),
    ) as never,
}));

beforeEach(() => {
  stored = {};
  plugins = {
    crm: ['leads', 'deals', 'quotes', 'numbers'],
    journey: ['map', 'plan', 'rules', 'people', 'definitions'],
  };
  request.mockReset();
  request.mockImplementation(async (method: string, _path: string, options?: { body?: Preferences }) => {
    if (method === 'PUT') stored = { ...stored, ...options?.body };
    return { data: stored };
  });
});

const pages = (): string[] => screen.queryAllByRole('link').map((link) => link.textContent ?? '');

test('of few pages all are in view', async () => {
  plugins = { crm: ['leads', 'deals'], journey: ['map', 'plan'] };
  await renderAt('/', <PluginNavigation />);
  await waitFor(() => expect(pages()).toEqual(['leads', 'deals', 'map', 'plan']));
});

test('all pages of one plugin are in view', async () => {
  plugins = { crm: Array.from({ length: 12 }, (_, at) => `page-${at}`) };
  await renderAt('/', <PluginNavigation />);
  await waitFor(() => expect(pages()).toHaveLength(12));
});

test('of many pages those of the plugin that is open are in view, and the others are a click away', async () => {
  await renderAt('/plugins/crm/pages/deals', <PluginNavigation />);
  await waitFor(() => expect(pages()).toEqual(['leads', 'deals', 'quotes', 'numbers']));
  const journey = screen.getByRole('button', { name: 'JOURNEY' });
  expect(journey.getAttribute('aria-expanded')).toBe('false');
  await userEvent.click(journey);
  expect(pages()).toHaveLength(9);
  await waitFor(() => expect(stored).toEqual({ 'navigation.unfoldedPlugins': { journey: true } }));
});

test('folded, only the page that is open stays', async () => {
  await renderAt('/plugins/crm/pages/deals', <PluginNavigation />);
  await userEvent.click(await screen.findByRole('button', { name: 'CRM' }));
  expect(pages()).toEqual(['deals']);
});

test('stored nonsense is ignored', async () => {
  stored = { 'navigation.unfoldedPlugins': { crm: 'yes', journey: true, __proto__: 3 } };
  await renderAt('/', <PluginNavigation />);
  await waitFor(() => expect(pages()).toEqual(['map', 'plan', 'rules', 'people', 'definitions']));
});
