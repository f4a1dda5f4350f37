import { createTheme, MantineThemeProvider } from '@mantine/core';
import type { ReactNode } from 'react';

const inPlace = { defaultProps: { comboboxProps: { withinPortal: false } } };

const theme = createTheme({
  components: { Select: inPlace, MultiSelect: inPlace, TagsInput: inPlace, Autocomplete: inPlace },
});

/** Inputs inside something that closes on a click outside: their lists stay within, or choosing would close it. */
export function InPlaceLists({ children }: { children: ReactNode }) {
  return (
    <MantineThemeProvider theme={theme} inherit>
      {children}
    </MantineThemeProvider>
  );
}
