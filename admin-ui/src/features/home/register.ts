import { IconHome } from '@tabler/icons-react';
import type { Feature } from '@/ui/feature';
import { homeRoute } from './routes';

/** The home page, composed of the widgets and first steps of the features; its own tell of what the whole team does. */
export function register(): Feature {
  return {
    name: 'home',
    routes: [homeRoute],
    navigation: [{ id: 'home', label: 'home:title', icon: IconHome, to: '/', order: 0, goTo: 'h' }],
    widgets: [
      { id: 'tasks', title: 'home:tasks.title', order: 0, widget: () => import('./TasksWidget') },
      { id: 'scheduled', title: 'home:scheduled.title', order: 20, widget: () => import('./ScheduledWidget') },
      { id: 'published', title: 'home:published.title', order: 30, span: 2, widget: () => import('./PublishedWidget') },
    ],
  };
}
