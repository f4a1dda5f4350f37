export { fieldName } from './edit/fieldName';
export { entryTarget, listAddress, newEntryTarget } from './addresses';
