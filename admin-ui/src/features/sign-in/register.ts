import type { Feature } from '@/app/feature';
import { acceptRoute, forgotRoute, resetRoute } from './routes';

/** Signing in itself has no address: it happens at the one that was asked for. */
export function register(): Feature {
  return { name: 'sign-in', routes: [forgotRoute, resetRoute, acceptRoute] };
}
