import { createContext, useContext } from 'react';
import type { Feature } from './feature';

const Features = createContext<readonly Feature[]>([]);

/** Hands the features down to what is composed of them: navigation, palette, settings, home. */
export const FeaturesProvider = Features.Provider;

/** All features, whatever one may do. */
export function useFeatures(): readonly Feature[] {
  return useContext(Features);
}
