import { IconHome } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import AssignedWidget from './AssignedWidget';
import PublishedWidget from './PublishedWidget';
import { homeRoute } from './routes';

/** The home page, composed of the widgets and first steps of the features; its own tell what one is to work on and what went online. */
export function register(): Feature {
  return {
    name: 'home',
    routes: [homeRoute],
    navigation: [{ id: 'home', label: 'home:title', icon: IconHome, to: '/', order: 0, goTo: 'h' }],
    widgets: [
      { id: 'assigned', title: 'home:assigned.title', order: 0, widget: AssignedWidget },
      { id: 'published', title: 'home:published.title', order: 30, span: 2, widget: PublishedWidget },
    ],
  };
}
