import { defineRoute } from '@/app/route';
import { forgotAddress, resetAddress, acceptAddress } from './addresses';

export const forgotRoute = defineRoute(forgotAddress, {
  layout: 'public',
  title: 'frame:forgot.title',
  page: () => import('./ForgotPasswordPage'),
});

export const resetRoute = defineRoute(resetAddress, {
  layout: 'public',
  title: 'frame:reset.title',
  page: () => import('./ResetPasswordPage'),
});

export const acceptRoute = defineRoute(acceptAddress, {
  layout: 'public',
  title: 'frame:accept.title',
  page: () => import('./AcceptInvitationPage'),
});
