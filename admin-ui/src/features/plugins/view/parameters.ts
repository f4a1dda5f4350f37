/** Parameters of a view after a change. What was taken away is left out, so that an address stays short. */
export function mergeParameters(
  old: Readonly<Record<string, string>>,
  change: Record<string, string | undefined> | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...old, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
