export { useFieldName } from './edit/useFieldName';
export { entryTarget, listAddress, newEntryTarget } from './addresses';
