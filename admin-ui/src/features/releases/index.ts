export { releaseAddress } from './addresses';
