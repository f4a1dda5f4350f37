export { inboxRoute } from './routes';
