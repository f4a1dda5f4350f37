import { Alert, Button, Checkbox, Group, Skeleton, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contentTypeOf, type ContentType, type Model } from '@/api/model';
import { changeView, createView, deleteView, type SavedView } from '@/api/views';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { PageTitle } from '@/ui/PageTitle';
import type { DashboardViewDef, FormViewDef } from '@/views/definition';
import { isWritable } from '@/views/fieldPath';
import { parseView } from '@/views/parseView';
import { contentAddress, listAddress, NEW_VIEW, viewEditAddress, viewAddress } from '../addresses';
import { DashboardBuilder } from './DashboardBuilder';
import { FormBuilder } from './FormBuilder';
import { Problems } from './Problems';
import { useSavedView } from './useSavedView';
import { showOf } from './widgets';

type BuiltView = FormViewDef | DashboardViewDef;

/** Fields that a new form begins with, beside those that are required. */
const INITIAL_FIELD_COUNT = 3;

/** Makes a form or a dashboard, or changes one. */
export default function ViewEditPage(): ReactElement {
  const { t } = useTranslation(['views', 'common']);
  const { id } = viewEditAddress.useParams();
  const { kind = 'dashboard', type: uid } = viewEditAddress.useSearch();
  const { view, model, error, isPending, retry } = useSavedView(id);
  if (isPending) {
    return (
      <DelayedContent>
        <Skeleton h={320} aria-label={t('common:loading')} />
      </DelayedContent>
    );
  }
  if (!model) return <ErrorMessage error={error} retry={retry} />;
  const begun = view
    ? parseView(view.definition, model)
    : { view: initialDefinition(kind, contentTypeOf(model, uid), model), problems: [] };
  const definition = begun.view;
  if (definition?.kind !== 'form' && definition?.kind !== 'dashboard') {
    return (
      <>
        <PageTitle title={view?.name ?? t('views:title')} />
        {begun.problems.length > 0 ? (
          <Problems problems={begun.problems} />
        ) : (
          <Alert color="yellow">{t('views:builder.goneHint')}</Alert>
        )}
      </>
    );
  }
  return <ViewBuilder key={id} model={model} saved={id === NEW_VIEW ? undefined : view} begun={definition} />;
}

/** A form with what an entry cannot do without, or a dashboard with a number. */
function initialDefinition(
  kind: 'form' | 'dashboard',
  type: ContentType | undefined,
  model: Model,
): BuiltView | undefined {
  if (kind === 'form') {
    if (!type) return undefined;
    const fields = Object.keys(type.attributes).filter((name) => isWritable(type, name));
    const needed = fields.filter((name) => type.attributes[name]?.required);
    return {
      kind,
      type: type.uid,
      sections: [{ fields: needed.length > 0 ? needed : fields.slice(0, INITIAL_FIELD_COUNT) }],
    };
  }
  const initialType = type ?? model.contentTypes.find((one) => one.kind === 'collectionType' && one.can.find);
  return {
    kind,
    widgets: initialType
      ? [{ id: 'w1', label: initialType.info.displayName, span: 1, show: showOf('count', initialType) }]
      : [],
  };
}

function ViewBuilder({ model, saved, begun }: { model: Model; saved: SavedView | undefined; begun: BuiltView }) {
  const { t } = useTranslation(['views', 'list', 'common']);
  const [definition, setDefinition] = useState<BuiltView>(begun);
  const [name, setName] = useState(saved?.name ?? '');
  const [shared, setShared] = useState(saved?.shared ?? false);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const type = contentTypeOf(model, definition.kind === 'form' ? definition.type : definition.widgets[0]?.show.type);
  const empty =
    definition.kind === 'form'
      ? definition.sections.every(({ fields }) => fields.length === 0)
      : definition.widgets.length === 0;
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['views'] });
  const save = useMutation({
    mutationFn: async () => {
      // The server keeps a view with a type: of a dashboard that of its first widget.
      const draft = { type: type?.uid ?? '', name: name.trim(), shared, definition: { ...definition } };
      if (!saved) return (await createView(draft)).id;
      await changeView(saved.id, draft);
      return saved.id;
    },
    onSuccess: async (id) => {
      await changed();
      announce(t('views:builder.saved'));
      await navigate(viewAddress.to({ id: String(id) }));
    },
  });
  const remove = useMutation({
    mutationFn: async () => saved && deleteView(saved.id),
    onSuccess: async () => {
      await navigate(definition.kind === 'form' ? listAddress.to({ uid: definition.type }) : contentAddress.to({}));
      await changed();
    },
  });
  const failed = save.error ?? remove.error;
  return (
    <>
      <PageTitle
        title={
          saved
            ? t('views:builder.change', { name: saved.name })
            : definition.kind === 'form'
              ? t('views:builder.newForm', { type: type?.info.displayName ?? '' })
              : t('views:builder.newDashboard')
        }
      />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack>
          <Group align="flex-end">
            <TextInput
              label={t('list:saved.name')}
              required
              maxLength={100}
              w={320}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Checkbox
              mb={8}
              label={t('list:saved.shared')}
              checked={shared}
              onChange={(event) => setShared(event.currentTarget.checked)}
            />
          </Group>
          {definition.kind === 'dashboard' && (
            <DashboardBuilder model={model} definition={definition} onChange={setDefinition} />
          )}
          {definition.kind === 'form' && type && (
            <FormBuilder type={type} definition={definition} onChange={setDefinition} />
          )}
          {failed && <ErrorMessage error={failed} />}
          <Group>
            <Button type="submit" loading={save.isPending} disabled={name.trim() === '' || empty}>
              {t('common:save')}
            </Button>
            {saved && (
              <>
                <Button
                  variant="default"
                  renderRoot={(props) => <Link {...viewAddress.to({ id: String(saved.id) })} {...props} />}
                >
                  {t('common:cancel')}
                </Button>
                <Button variant="subtle" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
                  {t('list:saved.delete', { name: saved.name })}
                </Button>
              </>
            )}
          </Group>
        </Stack>
      </form>
    </>
  );
}
