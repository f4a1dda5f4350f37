import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { pluginPermissionsQuery } from '@/api/roles';
import { useContentTypes } from '@/features/settings';
import { contentActions, OTHER_SUBJECTS, pluginSubject, type Subject } from './permissions';

/** What roles of admin users name: every type, each type, and the users of the content API. */
export function useAdminSubjects(): Subject[] {
  const { t } = useTranslation('users');
  const { types } = useContentTypes();
  return [
    { uid: '*', label: t('subject.every'), actions: ['find', 'findOne', 'create', 'update', 'delete', 'publish'] },
    ...types.map((type) => ({
      uid: type.uid,
      label: type.info.displayName,
      actions: [...contentActions(type), 'publish'],
      type,
    })),
    {
      uid: 'plugin::users-permissions.user',
      label: t('subject.users'),
      actions: ['find', 'findOne', 'create', 'update', 'delete'],
    },
  ];
}

/** What roles of the content API and its tokens name: content, what else has a route, and permissions of plugins. */
export function useContentSubjects(): { content: Subject[]; others: Subject[]; plugins: Subject[] } {
  const { t } = useTranslation('users');
  const { types } = useContentTypes();
  const plugins = useQuery(pluginPermissionsQuery).data ?? [];
  return {
    content: types.map((type) => ({
      uid: type.uid,
      label: type.info.displayName,
      actions: contentActions(type),
      type,
    })),
    others: OTHER_SUBJECTS.map(({ uid, actions }) => ({ uid, actions, label: t(`subject.${uid.split('.')[1]}`) })),
    plugins: plugins.map(pluginSubject),
  };
}
