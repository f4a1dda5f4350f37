import { IconHome } from '@tabler/icons-react';
import type { Feature } from '@/ui/feature';
import { homeRoute } from './routes';

/** The home page, composed of the widgets and first steps of the features. */
export function register(): Feature {
  return {
    name: 'home',
    routes: [homeRoute],
    navigation: [{ id: 'home', label: 'home:title', icon: IconHome, to: '/', order: 0, goTo: 'h' }],
  };
}
