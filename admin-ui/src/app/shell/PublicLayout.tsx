import { Outlet } from '@tanstack/react-router';

/** Pages for who is not signed in draw themselves whole. */
export function PublicLayout() {
  return <Outlet />;
}
