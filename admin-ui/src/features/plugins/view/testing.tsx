import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { render, type RenderResult } from '@testing-library/react';
import i18next from 'i18next';
import type { Model } from '@/api/model';
import { Providers, startTestTexts } from '@/fields/testing';
import common from '@/i18n/en/common.json';
import plugin from '@/i18n/en/plugin.json';
import pluginView from '@/i18n/en/pluginView.json';
import views from '@/i18n/en/views.json';
import { Blocks } from './Block';
import { BlocksContext, type RunAction, ViewContext, type ViewHost } from './context';
import type { Block } from './types';

/** Loads the blocks that are fetched late, so that a test does not wait for the transformation of their modules. */
export async function loadBlocks(): Promise<void> {
  const modules = [import.meta.glob('./blocks/*.tsx'), import.meta.glob('../../../views/*/*View.tsx')];
  await Promise.all(modules.flatMap((group) => Object.values(group).map((load) => load())));
}

/** Renders a block of a plugin's view, in English. */
export async function renderBlock(block: object, model: Model, act: RunAction = async () => {}): Promise<RenderResult> {
  await startTestTexts();
  for (const [name, texts] of Object.entries({ common, plugin, pluginView, views }))
    i18next.addResourceBundle('en', name, texts);
  const host: ViewHost = {
    plugin: 'crm',
    view: 'pipeline',
    document: undefined,
    roomy: true,
    model,
    viewer: { model, now: new Date(), me: 'a@b.example', locale: 'en' },
    navigation: { href: (uid, { documentId }) => `/content/${uid}/${documentId}`, open: () => {} },
    language: 'en',
    choices: { tab: undefined, filters: undefined, parameters: {}, set: () => {} },
    act,
    goTo: () => {},
  };
  const root = createRootRoute({
    component: () => (
      <ViewContext value={host}>
        <BlocksContext value={Blocks}>
          <Blocks blocks={[block as Block]} />
        </BlocksContext>
      </ViewContext>
    ),
  });
  // Links and questions about what is not saved need a router around them.
  const router = createRouter({
    routeTree: root,
    history: createMemoryHistory({ initialEntries: ['/'] }),
    pathParamsAllowedCharacters: [':'],
  });
  // What jsdom lacks and a router calls.
  window.scrollTo = () => {};
  await router.load();
  return render(
    <Providers>
      <RouterProvider router={router as never} />
    </Providers>,
  );
}
