import type { Attribute } from '@/api/model';

/** Whether all languages of an entry have the attribute's value, as the server decides it: relations and slugs have one for each by themselves. */
export function isShared({ type, pluginOptions }: Pick<Attribute, 'type' | 'pluginOptions'>): boolean {
  return !(pluginOptions?.i18n?.localized ?? (type === 'relation' || type === 'uid'));
}
