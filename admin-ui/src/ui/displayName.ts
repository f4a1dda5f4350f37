/** How somebody is called: by their names, else by their address. */
export function displayName(person: {
  firstName: string | null;
  lastName: string | null;
  email: string | null;
}): string {
  return [person.firstName, person.lastName].filter(Boolean).join(' ') || (person.email ?? '');
}
