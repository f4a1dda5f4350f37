import { defineAddress } from '../address';

/** The settings, before one of them is chosen. */
export const settingsAddress = defineAddress({ path: '/settings' });
