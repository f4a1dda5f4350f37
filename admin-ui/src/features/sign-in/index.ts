import { lazy } from 'react';

export const SignInPage = lazy(() => import('./SignInPage'));
export const SetupPage = lazy(() => import('./SetupPage'));
export { NewPassword } from './NewPassword';
export { passkeysWork } from './passkey';
export { SignInAgain } from './SignInAgain';
