import { defineAddress } from '@/app/address';

/** The profile: settings that somebody has for themselves. */
export const profileAddress = defineAddress({ path: '/profile' });
