import { lazyPart } from '@/ui/lazyPart';

export const SignInPage = lazyPart(() => import('./SignInPage'));
export const SetupPage = lazyPart(() => import('./SetupPage'));
export { NewPassword } from './NewPassword';
export { supportsPasskeys } from './passkey';
export { SignInAgain } from './SignInAgain';
