export { contentRoute, entryTarget, listRoute, newEntryTarget } from './routes';
