import { IconHome } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import NeedsYouWidget, { useNeedsYou } from './NeedsYouWidget';
import PublishedWidget, { useHasPublished } from './PublishedWidget';
import { homeRoute } from './routes';

/** The home page, composed of the widgets and first steps of the features; its own tell what one is to work on and what went online. */
export function register(): Feature {
  return {
    name: 'home',
    routes: [homeRoute],
    navigation: [{ id: 'home', label: 'home:title', icon: IconHome, to: '/', order: 0, goTo: 'h' }],
    widgets: [
      {
        id: 'needs-you',
        title: 'home:needs.title',
        order: 0,
        span: 2,
        widget: NeedsYouWidget,
        useHasContent: useNeedsYou,
      },
      {
        id: 'published',
        title: 'home:published.title',
        order: 30,
        span: 2,
        widget: PublishedWidget,
        useHasContent: useHasPublished,
      },
    ],
  };
}
