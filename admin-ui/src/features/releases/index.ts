export { releaseRoute, releasesRoute } from './routes';
