import { Button, Group, Text, Tooltip } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ViewDocument } from '@/api/pluginViews';
import { type FieldProblem, problemsOf } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { FormDialog } from '@/ui/FormDialog';
import { isSchema, withDefaults } from '../../schema/schema';
import { SchemaForm } from '../../schema/SchemaForm';
import { useLabels, useView } from '../context';
import { NamedIcon } from '../icons';
import { builtInAction, type BuiltInAction } from '../builtInActions';
import { COLOURS } from '@/views/tones';
import type { ActionBlock, BlockOf } from '../types';

export function ActionsBlock({ block }: { block: BlockOf<'actions'> }) {
  return <ActionButtons actions={block.items} />;
}

/** Buttons of a view. What one of them says went wrong stands below them. */
export function ActionButtons({ actions }: { actions: readonly ActionBlock[] }) {
  return (
    <Group gap="xs">
      {actions.map((action, at) => (
        <ActionButton key={action.id} action={action} first={at === 0} />
      ))}
    </Group>
  );
}

/** The field problems of an action by the paths of its values: `values.items[2].price` is `items.2.price`. */
export function actionProblems(error: unknown): FieldProblem[] {
  return problemsOf(error).map(({ path, message }) => ({
    path: path.replace(/\[(\d+)\]/g, '.$1').replace(/^values\./, ''),
    message,
  }));
}

/** What is wrong with a value of an action. */
export function actionProblemAt(error: unknown, path: string): string | undefined {
  const found = actionProblems(error).filter((problem) => problem.path === path || problem.path.startsWith(`${path}.`));
  return found.length > 0 ? found.map(({ message }) => message).join(' ') : undefined;
}

/** Does an action: asks first where it says so, and for the values it needs. */
export function useAction(action: ActionBlock, about?: ViewDocument) {
  const { act, document } = useView();
  const own = useOwn();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const run = useMutation({
    mutationFn: async (values: Record<string, unknown>) => {
      if (action.call) await act(action.call, { ...action.values, ...values }, about);
      else {
        await own(action.id, about ?? document);
        await queries.invalidateQueries({ queryKey: ['content'] });
      }
    },
    onSuccess: () => setAsking(false),
  });
  const asks = action.confirm !== undefined || action.schema !== undefined || (!action.call && action.id === 'delete');
  return {
    run,
    asking,
    start: () => {
      run.reset();
      if (asks) setAsking(true);
      else run.mutate({});
    },
    close: () => setAsking(false),
  };
}

/** Cairn's own actions, on the document that something is about. */
function useOwn(): (id: string, document: ViewDocument | undefined) => Promise<void> {
  const { model, goTo } = useView();
  const queries = useQueryClient();
  const own: BuiltInAction = builtInAction(model, goTo, () => queries.invalidateQueries({ queryKey: ['content'] }));
  return own;
}

function ActionButton({ action, first }: { action: ActionBlock; first: boolean }) {
  const label = useLabels();
  const name = useActionName(action);
  const { run, asking, start, close } = useAction(action);
  const disabledReason = label(action.disabled);
  const button = (
    <Button
      variant={first && !action.tone ? 'filled' : 'default'}
      color={action.tone ? COLOURS[action.tone] : undefined}
      size="sm"
      loading={run.isPending && !asking}
      data-disabled={disabledReason ? true : undefined}
      aria-disabled={disabledReason ? true : undefined}
      leftSection={action.icon && <NamedIcon name={action.icon} />}
      onClick={(event) => (disabledReason ? event.preventDefault() : start())}
    >
      {name}
    </Button>
  );
  return (
    <>
      {disabledReason ? <Tooltip label={disabledReason}>{button}</Tooltip> : button}
      {run.error && !asking && <ErrorMessage error={run.error} retry={() => run.mutate(run.variables ?? {})} />}
      {asking && <ActionDialog action={action} run={run} close={close} />}
    </>
  );
}

/** What an action is called; Cairn's own have names of their own. */
export function useActionName(action: ActionBlock): string {
  const { t } = useTranslation('pluginView');
  return useLabels()(action.label) ?? t(`own.${action.id}`, { defaultValue: action.id });
}

/** Asks before an action: whether, and with which values. */
export function ActionDialog({
  action,
  run,
  close,
}: { action: ActionBlock } & Pick<ReturnType<typeof useAction>, 'run' | 'close'>) {
  const { t } = useTranslation('pluginView');
  const label = useLabels();
  const name = useActionName(action);
  const { schema } = action;
  const [values, setValues] = useState(() =>
    schema ? ((withDefaults(schema, action.values) ?? {}) as Record<string, unknown>) : {},
  );
  const question = label(action.confirm) ?? (action.call ? undefined : t('sure'));
  return (
    <FormDialog
      title={name}
      onClose={close}
      onSubmit={() => run.mutate(values)}
      pending={run.isPending}
      error={run.error}
      submit={name}
      danger={action.tone === 'danger' || action.id === 'delete'}
      noValidate
    >
      {question && <Text size="sm">{question}</Text>}
      {isSchema(schema) && (
        <SchemaForm
          schema={schema}
          value={values}
          onChange={setValues}
          problemAt={(path) => actionProblemAt(run.error, path)}
        />
      )}
    </FormDialog>
  );
}
