export { useFieldName } from './edit/useFieldName';
export { plainMentions } from './edit/mentions';
export { entryTarget, listAddress, newEntryTarget, seeAsTarget } from './addresses';
export { PublicationChanges } from './edit/latePublicationChanges';
