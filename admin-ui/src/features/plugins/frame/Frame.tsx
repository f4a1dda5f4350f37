import { Alert, Button, Text, useComputedColorScheme } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { frameAddress, type PluginView, type ViewDocument } from '@/api/pluginViews';
import { usePreference } from '@/api/preferences';
import { announce } from '@/ui/live';
import type { ViewChoices } from '../view/context';
import { COLOURS } from '@/views/tones';
import { type PendingQuestion, FrameDialogs } from './FrameDialogs';
import classes from './Frame.module.css';
import { handleRequest, type KitDeps } from './kitHost';
import { frameTheme } from './frameTheme';
import type { OpenField } from './openField';
import type { OpenForm } from './openForm';
import { KitError } from './protocol';
import { type FrameState, outerFrameHtml, useFrame } from './useFrame';
import { useWatchedTypes } from './useWatchedTypes';

interface Props {
  view: PluginView;
  path: string;
  document: ViewDocument | undefined;
  form?: OpenForm | undefined;
  /** The field that it draws. */
  field?: OpenField | undefined;
  choices: ViewChoices;
  /** It is a page by itself. */
  page: boolean;
  /** What it is called, where that is more than the view's title. */
  label?: string | undefined;
  /** Told how far it has come. */
  onState?: ((state: FrameState) => void) | undefined;
}

/** Does something a while after what is watched has changed, once for all changes meanwhile. Answers how to end it. */
function watchDebounced(watch: (listener: () => void) => () => void, wait: number, act: () => void): () => void {
  let soon: ReturnType<typeof setTimeout> | undefined;
  const stop = watch(() => {
    soon ??= setTimeout(() => {
      soon = undefined;
      act();
    }, wait);
  });
  return () => {
    clearTimeout(soon);
    stop();
  };
}

/** A page of a plugin's own. Where it goes elsewhere by itself it is put back by a button. */
export function Frame(props: Props) {
  const [turn, setTurn] = useState(0);
  return <FrameInstance key={turn} {...props} again={() => setTurn(turn + 1)} />;
}

/** How high a frame is before it has said so: one that stands for an input is not much higher than that. */
const INITIAL_HEIGHT_PX = 240;
const INITIAL_FIELD_HEIGHT_PX = 64;

function FrameInstance({
  view,
  path,
  document,
  form,
  field,
  choices,
  page,
  label,
  onState,
  again,
}: Props & { again: () => void }) {
  const { t, i18n } = useTranslation('pluginView');
  const queries = useQueryClient();
  const router = useRouter();
  const scheme = useComputedColorScheme('light');
  const outer = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(field ? INITIAL_FIELD_HEIGHT_PX : INITIAL_HEIGHT_PX);
  const [watched, watch] = useState<readonly string[]>([]);
  const [pending, setPending] = useState<PendingQuestion>();
  const [storedState, storeState] = usePreference<unknown>(
    `plugin.${view.plugin}.${view.name}`,
    (stored) => stored ?? null,
  );
  // One question at a time: a frame cannot stack them.
  const hasAsked = useRef(false);
  const ask = <Answer,>(make: (done: (answer: Answer) => void) => PendingQuestion): Promise<Answer> => {
    if (hasAsked.current) return Promise.reject(new KitError('busy', 'a dialog of this frame is open already'));
    hasAsked.current = true;
    return new Promise((resolve) => {
      setPending(
        make((value) => {
          hasAsked.current = false;
          setPending(undefined);
          resolve(value);
        }),
      );
    });
  };
  const deps: KitDeps = {
    view,
    document,
    form,
    field,
    model: () => queries.ensureQueryData(modelQuery),
    watch,
    goTo: (to) => router.history.push(`${router.basepath === '/' ? '' : router.basepath}${to}`),
    toast: (text, tone) => {
      announce(text);
      notifications.show({ message: text, color: COLOURS[tone] });
    },
    ask: (question) => ask((done) => ({ kind: 'dialog', question, done })),
    propose: (fields) => ask((done) => ({ kind: 'proposal', fields, done })),
    pick: (what) => ask((done) => ({ kind: 'pick', target: what, done })),
    resize: setHeight,
    state: { get: () => storedState, set: storeState },
  };
  const { state, send } = useFrame(outer, {
    address: frameAddress(view.plugin, path),
    title: view.title,
    welcome: () => ({
      plugin: view.plugin,
      view: view.name,
      locale: i18n.resolvedLanguage ?? 'en',
      theme: frameTheme(scheme),
      document: document ?? null,
      parameters: choices.parameters,
      room: page ? 'page' : 'part',
    }),
    answer: (request) => handleRequest(request, deps),
  });
  const told = useRef(send);
  useEffect(() => {
    told.current = send;
  });
  // The variables change with the scheme, after this was drawn.
  useEffect(() => {
    const soon = requestAnimationFrame(() => told.current('theme', frameTheme(scheme)));
    return () => cancelAnimationFrame(soon);
  }, [scheme]);
  useEffect(() => told.current('locale', i18n.resolvedLanguage ?? 'en'), [i18n.resolvedLanguage]);
  useEffect(() => told.current('parameters', choices.parameters), [choices.parameters]);
  // That it changed is told; what it is has to be asked for.
  useEffect(() => form && watchDebounced(form.watch, 250, () => told.current('document', null)), [form]);
  useEffect(() => field && watchDebounced(field.watch, 50, () => told.current('field', field.read())), [field]);
  useEffect(() => onState?.(state), [state, onState]);
  const tell = useCallback((types: readonly string[]) => told.current('change', types), []);
  useWatchedTypes({ watched, watch, ready: state === 'ready', tell });
  return (
    <>
      {state === 'left' && (
        <Alert color="yellow" title={t('frame.left')}>
          <Text size="sm" mb="xs">
            {t('frame.leftHint')}
          </Text>
          <Button size="xs" variant="default" onClick={again}>
            {t('frame.again')}
          </Button>
        </Alert>
      )}
      {/* Ours and empty: the plugin's page is the one within, which has a sandbox. */}
      {/* eslint-disable-next-line react/iframe-missing-sandbox */}
      <iframe
        ref={outer}
        title={t('frame.title', { title: label ?? view.title })}
        className={classes.frame}
        data-state={state}
        hidden={state === 'left'}
        srcDoc={outerFrameHtml(frameAddress(view.plugin, ''))}
        style={{ height: page ? `max(${height}px, 60dvh)` : height }}
      />
      {pending && <FrameDialogs pending={pending} plugin={view.pluginName ?? view.plugin} />}
    </>
  );
}
