export { fieldName } from './edit/fieldName';
export { entryTarget, listRoute, newEntryTarget } from './routes';
