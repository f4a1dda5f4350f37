import { Alert, Anchor, Badge, Button, Group, Menu, Text } from '@mantine/core';
import { IconBraces, IconDots, IconLock, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '@/api/schemaChanges';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { AttributeDrawer } from './AttributeDrawer';
import { AttributeList } from './AttributeList';
import classes from './Builder.module.css';
import { BuilderScope } from './BuilderScope';
import { BuilderProvider, filterProblems, useBuilder } from './builder';
import { DefinitionSettings } from './DefinitionSettings';
import { downloadJson } from './downloadJson';
import { KindPicker } from './KindPicker';
import { editDefinition, setDefinition, sectionOf } from './model/draft';
import { missingAttributes, type Preset } from './model/presets';
import { RenameDialog } from './RenameDialog';
import { builderAddress, definitionAddress } from './addresses';
import { TypePresentation } from './TypePresentation';
import { WhereUsed } from './WhereUsed';

/** One content type or component: its fields in their order, its settings, where it is used. */
export default function DefinitionPage() {
  return (
    <BuilderScope>
      <Definition />
    </BuilderScope>
  );
}

function Definition() {
  const { t } = useTranslation(['builder', 'modelling']);
  const { uid } = definitionAddress.useParams();
  const builder = useBuilder();
  const { all } = builder;
  const plugin = pluginOf(uid);
  // What a plugin brings is changed by its next version alone.
  const lockedBuilder = useMemo(() => (plugin ? { ...builder, locked: true } : builder), [builder, plugin]);
  const schema = all[sectionOf(uid)][uid];
  if (!schema) {
    return (
      <>
        <PageTitle title={uid} />
        <EmptyState
          title={t('missing.title')}
          action={
            <Button renderRoot={(props) => <Link {...builderAddress.to({})} {...props} />} variant="default">
              {t('missing.back')}
            </Button>
          }
        >
          {t('missing.explanation')}
        </EmptyState>
      </>
    );
  }
  return (
    <BuilderProvider builder={lockedBuilder}>
      {plugin && !builder.locked && (
        <Alert icon={<IconLock aria-hidden />} color="gray" mb="md" title={t('locked.plugin', { plugin })}>
          {t('locked.pluginHint')}
        </Alert>
      )}
      <DefinitionDetails key={uid} uid={uid} schema={schema} />
    </BuilderProvider>
  );
}

/** The plugin that a content type comes with: `plugin::crm.deal` comes with `crm`. */
function pluginOf(uid: string): string | undefined {
  return /^plugin::([^.]+)\./.exec(uid)?.[1];
}

function DefinitionDetails({ uid, schema }: { uid: string; schema: Schema }) {
  const { t } = useTranslation(['builder', 'modelling']);
  const { base, all, change, locked, problems } = useBuilder();
  const { field } = definitionAddress.useSearch();
  const setSearch = definitionAddress.useSetSearch();
  const navigate = useNavigate();
  const [choosing, setChoosing] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const sort = sectionOf(uid) === 'components' ? 'component' : (schema.kind ?? 'collectionType');
  const usePreset = (preset: Preset): void => {
    const { attributes, components } = missingAttributes(preset, schema, all);
    change((changes) => {
      const withComponents = Object.entries(components).reduce(
        (each, [name, component]) => setDefinition(base, each, name, component),
        changes,
      );
      return editDefinition(base, withComponents, uid, (now) => ({
        ...now,
        attributes: { ...now.attributes, ...attributes },
      }));
    });
    setChoosing(false);
  };
  return (
    <>
      <PageTitle
        title={schema.info.displayName ?? uid}
        actions={
          <Group gap="xs">
            {!locked && (
              <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setChoosing(true)}>
                {t('field.add')}
              </Button>
            )}
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" px="xs" aria-label={t('actionsOf', { name: schema.info.displayName ?? uid })}>
                  <IconDots size={16} aria-hidden />
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {!locked && (
                  <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setRenaming(true)}>
                    {t('rename.title')}
                  </Menu.Item>
                )}
                <Menu.Item
                  leftSection={<IconBraces size={16} aria-hidden />}
                  onClick={() => downloadJson(`${uid.replaceAll('::', '.')}.json`, schema)}
                >
                  {t('export')}
                </Menu.Item>
                {!locked && (
                  <Menu.Item
                    color="red"
                    leftSection={<IconTrash size={16} aria-hidden />}
                    onClick={() => {
                      change((changes) => setDefinition(base, changes, uid, null));
                      void navigate(builderAddress.to({}));
                    }}
                  >
                    {t('deleteDefinition')}
                  </Menu.Item>
                )}
              </Menu.Dropdown>
            </Menu>
          </Group>
        }
      >
        <Group gap="xs" mt={4}>
          <Anchor renderRoot={(props) => <Link {...builderAddress.to({})} {...props} />} size="sm">
            {t('modelling:title')}
          </Anchor>
          <Badge variant="default">{t(`sort.${sort}.one`)}</Badge>
          <span className={classes.mono}>{uid}</span>
        </Group>
        {filterProblems(problems, uid).map((problem) => (
          <Text key={`${problem.path} ${problem.message}`} className={classes.error} role="alert">
            {problem.path}: {problem.message}
          </Text>
        ))}
      </PageTitle>
      <div className={classes.columns}>
        <AttributeList
          uid={uid}
          schema={schema}
          onAdd={() => setChoosing(true)}
          onOpen={(name) => setSearch({ field: name })}
        />
        <div>
          <DefinitionSettings uid={uid} schema={schema} />
          <TypePresentation uid={uid} schema={schema} />
          <WhereUsed uid={uid} />
        </div>
      </div>
      {choosing && (
        <KindPicker
          isComponent={sort === 'component'}
          onClose={() => setChoosing(false)}
          onPreset={usePreset}
          onKind={(kind) => {
            setChoosing(false);
            setSearch({ field: `+${kind}` });
          }}
        />
      )}
      {field !== undefined && !locked && (
        <AttributeDrawer
          key={field}
          uid={uid}
          schema={schema}
          field={field}
          onClose={() => setSearch({ field: undefined })}
        />
      )}
      {renaming && <RenameDialog uid={uid} schema={schema} onClose={() => setRenaming(false)} />}
    </>
  );
}
