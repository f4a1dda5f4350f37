/** The variables of the admin UI that a frame gets, by the names that the kit gives them. */
const VARIABLES = {
  text: '--mantine-color-text',
  dimmed: '--mantine-color-dimmed',
  background: '--mantine-color-body',
  surface: '--cairn-surface',
  line: '--cairn-line',
  primary: '--mantine-primary-color-filled',
  'primary-text': '--mantine-primary-color-contrast',
  link: '--mantine-color-anchor',
  error: '--mantine-color-error',
  font: '--mantine-font-family',
  'font-mono': '--mantine-font-family-monospace',
  radius: '--mantine-radius-sm',
} as const;

/** Colours and fonts as they stand now: a frame that uses them looks like the rest. */
export function frameTheme(scheme: 'light' | 'dark'): { scheme: 'light' | 'dark'; variables: Record<string, string> } {
  const style = getComputedStyle(document.documentElement);
  return {
    scheme,
    variables: Object.fromEntries(
      Object.entries(VARIABLES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]),
    ),
  };
}
