import { Notifications } from '@mantine/notifications';

/** Draws the toasts. */
export default function ToastCorner() {
  return <Notifications position="bottom-right" autoClose={10_000} limit={4} />;
}
