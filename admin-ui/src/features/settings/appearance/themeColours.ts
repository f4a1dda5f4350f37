import { DEFAULT_THEME, mergeMantineTheme } from '@mantine/core';
import { CAIRN, contrastRatio, readableColour } from '@/ui/palette';
import { contrastVariables, themeOf } from '@/ui/theme';

/** The colours that a project's own colour leads to, in light or in dark. */
export interface ThemeColours {
  body: string;
  surface: string;
  line: string;
  text: string;
  dimmed: string;
  filled: string;
  link: string;
}

export type Scheme = 'light' | 'dark';

/** As the admin draws itself; without a colour in Cairn's own. */
export function themeColours(accent: string | null, scheme: Scheme): ThemeColours {
  const theme = mergeMantineTheme(DEFAULT_THEME, themeOf(accent, 'comfortable'));
  const variables: Record<string, unknown> = contrastVariables(theme)[scheme];
  const of = (name: string): string => String(variables[name] ?? '');
  const shades = theme.colors.accent ?? CAIRN;
  return {
    body: of('--mantine-color-body'),
    surface: of('--cairn-surface'),
    line: of('--cairn-line'),
    text: scheme === 'light' ? '#000000' : String(theme.colors.dark[0]),
    dimmed: of('--mantine-color-dimmed'),
    filled: of('--mantine-color-accent-filled'),
    link: String(scheme === 'light' ? shades[9] : shades[3]),
  };
}

/** What a colour is compared with, and how it fares. */
export interface ContrastCheck {
  id: 'text' | 'light' | 'dark';
  ratio: number;
  needed: number;
  ok: boolean;
}

/** White text on the colour needs 4.5:1, the colour itself 3:1 on what is behind it. Nothing for what is no colour. */
export function checkContrast(accent: string): ContrastCheck[] {
  const against = [
    ['text', '#ffffff', 4.5],
    ['light', themeColours(null, 'light').body, 3],
    ['dark', themeColours(null, 'dark').body, 3],
  ] as const;
  return against.flatMap(([id, other, needed]) => {
    const ratio = contrastRatio(accent, other);
    return ratio === undefined ? [] : [{ id, ratio, needed, ok: ratio >= needed }];
  });
}

/** The shade that buttons have where white text could not be read on the colour itself. */
export function darkenedShade(accent: string): string | undefined {
  const used = readableColour(accent);
  return contrastRatio(accent, '#ffffff') !== undefined && used.toLowerCase() !== accent.toLowerCase()
    ? used
    : undefined;
}
