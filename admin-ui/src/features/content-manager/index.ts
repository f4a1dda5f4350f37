export { useFieldName } from './edit/useFieldName';
export { entryTarget, listAddress, newEntryTarget, seeAsTarget } from './addresses';
