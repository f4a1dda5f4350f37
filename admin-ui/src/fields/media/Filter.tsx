/** Files are there or not; there is no value to give. */
export function Filter() {
  return null;
}
