export { demoRoute } from './routes';
