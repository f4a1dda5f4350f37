import { NoValue } from '../shared/Cells';

/** Passwords are not shown, not even their lengths. */
export function Cell() {
  return <NoValue />;
}
