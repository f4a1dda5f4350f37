export { demoAddress } from './addresses';
