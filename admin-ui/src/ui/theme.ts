import { type CSSVariablesResolver, createTheme, DEFAULT_THEME, type MantineThemeOverride } from '@mantine/core';
import i18next from 'i18next';
import { CAIRN, readableColour, makeShades, SLATE } from './palette';
import classes from './theme.module.css';

/** How close things stand. */
export type Density = 'comfortable' | 'compact';

const closeButtonProps = {
  get 'aria-label'() {
    return i18next.t('common:close');
  },
};

/** What stands in for letters that Inter lacks, and for all where it cannot be loaded. */
const SYSTEM_FONTS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif';

/**
 * The scale of type: the sizes that texts and headings have, with the height of their lines, and three weights. `regular` is what is read, `medium` what names
 * something (labels, heads of tables, buttons), `bold` a heading. `typeScale.test.ts` refuses others.
 */
export const TYPE_SCALE = {
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  fontWeights: { regular: '400', medium: '500', bold: '600' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h4: { fontSize: '0.875rem', lineHeight: '1.45' },
    },
  },
} as const;

/** Cairn's look, in a project's own colour where it has one. Its typeface comes with the admin (`typeface.css`): nothing is loaded from elsewhere. */
export function themeOf(accent: string | null | undefined, density: Density): MantineThemeOverride {
  const compact = density === 'compact';
  const size = compact ? 'xs' : 'sm';
  const sized = { defaultProps: { size } };
  // The list of choices scrolls itself: assistive technology knows it as the list of its input, whose arrow keys move it.
  const listed = { defaultProps: { size, withScrollArea: false }, classNames: { options: classes.options } };
  return createTheme({
    primaryColor: 'accent',
    colors: { accent: (accent && makeShades(accent)) || CAIRN, dark: SLATE },
    primaryShade: { light: 8, dark: 7 },
    fontFamily: `"Inter Variable", "Inter Fallback", ${SYSTEM_FONTS}`,
    fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
    defaultRadius: 'sm',
    cursorType: 'pointer',
    respectReducedMotion: true,
    focusRing: 'auto',
    ...TYPE_SCALE,
    spacing: compact
      ? { xs: '0.375rem', sm: '0.5rem', md: '0.75rem', lg: '1rem', xl: '1.5rem' }
      : { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.25rem', xl: '2rem' },
    components: {
      Input: { classNames: { wrapper: classes.input } },
      Button: sized,
      // Words as they are written, in the weight of labels.
      Badge: { defaultProps: { tt: 'none', fw: 500 } },
      TextInput: sized,
      PasswordInput: sized,
      NumberInput: sized,
      Textarea: sized,
      SegmentedControl: sized,
      Select: listed,
      MultiSelect: listed,
      Autocomplete: listed,
      TagsInput: listed,
      Table: { defaultProps: { verticalSpacing: compact ? 4 : 'xs' } },
      // On a screen that is narrower than it is, it is as wide as the screen.
      Popover: { styles: { dropdown: { maxWidth: 'calc(100vw - 16px)' } } },
      Tooltip: { defaultProps: { openDelay: 400, withArrow: true } },
      // Messages that come and go; asked for when one is drawn, in the language of then.
      Notification: { defaultProps: { closeButtonProps: closeButtonProps } },
      // What is closed with Escape gives the focus back to what opened it.
      Modal: { defaultProps: { returnFocus: true, centered: true }, classNames: { title: classes.title } },
      // The page has one banner; within a dialog the line with its title is none.
      ModalHeader: { defaultProps: { role: 'presentation' } },
      DrawerHeader: { defaultProps: { role: 'presentation' } },
      Drawer: { defaultProps: { returnFocus: true, position: 'right' }, classNames: { title: classes.title } },
    },
  });
}

/**
 * Colours that reach 4.5:1 for text and 3:1 for the edges of controls on both backgrounds. Mantine's own are a little lighter.
 */
export const contrastVariables: CSSVariablesResolver = (theme) => {
  const light: Record<string, string> = {
    '--mantine-color-dimmed': '#5a626a',
    '--mantine-color-placeholder': '#676f77',
    '--mantine-color-error': '#c02020',
    '--mantine-color-body': '#ffffff',
    '--mantine-color-anchor': `var(--mantine-color-${theme.primaryColor}-9)`,
    '--cairn-surface': '#f7f8f9',
    '--cairn-card': 'var(--mantine-color-white)',
    '--cairn-line': '#dfe3e6',
  };
  const dark: Record<string, string> = {
    '--mantine-color-dimmed': '#a9b0b6',
    '--mantine-color-placeholder': '#989fa5',
    '--mantine-color-error': '#ff8a8a',
    '--mantine-color-body': '#1b1d1f',
    '--mantine-color-anchor': `var(--mantine-color-${theme.primaryColor}-3)`,
    '--cairn-surface': '#222527',
    '--cairn-card': 'var(--mantine-color-dark-6)',
    '--cairn-line': '#33383c',
  };
  for (const [name, colours] of Object.entries({ ...DEFAULT_THEME.colors, ...theme.colors })) {
    if (name === 'dark' || name === 'gray' || !colours) continue;
    // Of the project's colour as much as can be, of the others a shade that tells them apart.
    const filled = readableColour(colours[name === theme.primaryColor ? 7 : 8]);
    // On its own tint as well, where a badge or a message has it: a tint is a fifth darker than white at most.
    for (const [variables, text] of [
      [light, readableColour(colours[9], colours[1])],
      [dark, colours[2]],
    ] as const) {
      variables[`--mantine-color-${name}-filled`] = filled;
      variables[`--mantine-color-${name}-filled-hover`] = `color-mix(in srgb, ${filled} 88%, black)`;
      variables[`--mantine-color-${name}-light-color`] = text;
      variables[`--mantine-color-${name}-outline`] = text;
      variables[`--mantine-color-${name}-text`] = text;
    }
  }
  light['--mantine-color-gray-light-color'] = '#343a40';
  light['--mantine-color-gray-filled'] = '#495057';
  light['--mantine-color-gray-text'] = '#343a40';
  dark['--mantine-color-gray-light-color'] = '#dee2e6';
  dark['--mantine-color-gray-filled'] = '#495057';
  dark['--mantine-color-gray-text'] = '#dee2e6';
  // Larger than text: figures that stand for themselves.
  return { variables: { '--cairn-figure-size': '1.75rem' }, light, dark };
};
