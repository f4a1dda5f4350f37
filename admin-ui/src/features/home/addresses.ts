import { defineAddress } from '@/app/address';

/** The home page: what waits for whoever signs in. */
export const homeAddress = defineAddress({ path: '/' });
