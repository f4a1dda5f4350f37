export { Palette } from './Palette';
export { openPalette, openShortcuts } from './store';
