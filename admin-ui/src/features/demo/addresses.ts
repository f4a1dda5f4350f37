import { defineAddress } from '@/app/address';

/** The page that fills a project with things to try out. */
export const demoAddress = defineAddress({ path: '/demo' });
