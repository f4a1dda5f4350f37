import type { Density } from '@/ui/theme';

const DENSITY = 'cairn.density';

/** Whatever is stored as a density; comfortable unless it says otherwise. */
export function readDensity(stored: unknown): Density {
  return stored === 'compact' ? 'compact' : 'comfortable';
}

/** Shortcuts are on unless they were turned off. */
export function readShortcuts(stored: unknown): boolean {
  return stored !== false;
}

/** The density this device had last, before it is known who signs in. */
export function deviceDensity(): Density {
  return readDensity(localStorage.getItem(DENSITY));
}

/** Keeps the density for the next start on this device. */
export function rememberDensity(density: Density): void {
  localStorage.setItem(DENSITY, density);
}
