export { releaseRoute } from './routes';
