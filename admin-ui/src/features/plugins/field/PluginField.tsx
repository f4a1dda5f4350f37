import { Button, Group, Skeleton } from '@mantine/core';
import { IconPuzzle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useCallback, useState } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import { useTranslation } from 'react-i18next';
import { pluginViewsQuery } from '@/api/pluginViews';
import { isAbsent } from '@/api/routeExists';
import { type CustomFieldProps, useForm } from '@/fields/form/context';
import { lazyPart } from '@/ui/lazyPart';
import { fieldView } from './fieldView';
import classes from './PluginField.module.css';

const FieldFrame = lazyPart(() => import('./FieldFrame'));

/** A field by the view that its attribute names; where that cannot be, by the input of its kind, with a word on why: nobody is locked out of a field. */
export function PluginField({ view: named, Input, ...field }: CustomFieldProps) {
  const { t } = useTranslation('fields');
  const { model, uid } = useForm();
  const views = useQuery(pluginViewsQuery);
  const [failed, setFailed] = useState(false);
  const fail = useCallback(() => setFailed(true), []);
  // An input that gives way to a frame would take the focus with it; nor does one that stands here go while they are asked for again.
  if (views.isLoading && views.errorUpdateCount === 0) return <Skeleton h={64} aria-label={t('loading')} />;
  const view = fieldView(views.data ?? [], named, { model, uid, path: field.name });
  if (view.is === 'frame' && !failed) {
    return (
      <ErrorBoundary fallback={null} onError={fail}>
        <Suspense fallback={<Skeleton h={64} />}>
          <FieldFrame view={view.view} path={view.path} field={field} onFailed={fail} />
        </Suspense>
      </ErrorBoundary>
    );
  }
  const plugin = view.is === 'frame' ? (view.view.pluginName ?? view.view.plugin) : view.plugin;
  // Where nobody could tell which views there are, the plugin may well be here.
  const again = view.is === 'frame' || (views.data === undefined && !isAbsent(views.error));
  return (
    <>
      <Input {...field} />
      <Group gap={6} mt={4} wrap="nowrap" align="flex-start" fz="xs" c="dimmed">
        <IconPuzzle size={14} className={classes.icon} aria-hidden />
        <span>
          {t(`custom.${again ? 'failed' : view.is}`, { plugin, view: named.view })}{' '}
          {again && (
            <Button
              variant="subtle"
              size="compact-xs"
              mih={24}
              onClick={() => {
                setFailed(false);
                if (views.data === undefined) void views.refetch();
              }}
            >
              {t('custom.again')}
            </Button>
          )}
        </span>
      </Group>
    </>
  );
}
