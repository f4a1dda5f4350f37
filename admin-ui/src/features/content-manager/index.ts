export { entryTarget, listRoute, newEntryTarget } from './routes';
