import { Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { Link, useLocation } from '@tanstack/react-router';
import { useId } from 'react';
import lines from '@/app/NavigationLines.module.css';
import { pluginPageTarget } from '../addresses';
import { iconOf } from '../view/icons';
import classes from './Navigation.module.css';
import { listFolded, useUnfoldedPlugins } from './unfoldedPlugins';
import { type PluginPages, pagesByPlugin, usePluginViews } from './useViews';

/** How much room the pages of plugins take, for what stands above them and can do with less (`TypesMenu.module.css`). */
const HEIGHT_VARIABLE = '--cairn-plugin-lines';

/** Says in the navigation how high its part of plugins is, whenever that changes. */
function shareHeight(part: HTMLElement | null): (() => void) | undefined {
  const navigation = part?.closest('nav');
  if (!part || !navigation) return undefined;
  let measured = false;
  const observer = new ResizeObserver(() => {
    navigation.style.setProperty(HEIGHT_VARIABLE, `${part.getBoundingClientRect().height}px`);
    // What is open may have been in view before this came; later on, people have scrolled to where they are.
    if (!measured) navigation.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest' });
    measured = true;
  });
  observer.observe(part);
  return () => {
    observer.disconnect();
    navigation.style.removeProperty(HEIGHT_VARIABLE);
  };
}

/** The pages of plugins in the navigation, under the plugin's name, which folds them. */
export default function PluginNavigation() {
  const groups = pagesByPlugin(usePluginViews());
  const path = useLocation({ select: ({ pathname }) => pathname });
  const [choices, choose] = useUnfoldedPlugins();
  const current = groups.find(({ plugin }) => path.startsWith(`/plugins/${plugin}/pages/`))?.plugin;
  const folded = listFolded(groups, current, choices);
  return (
    <div ref={shareHeight}>
      {groups.map((group) => (
        <PluginSection
          key={group.plugin}
          group={group}
          unfolded={!folded.has(group.plugin)}
          path={path}
          onFold={(unfolded) => choose(group.plugin, unfolded)}
        />
      ))}
    </div>
  );
}

interface SectionProps {
  group: PluginPages;
  unfolded: boolean;
  /** The address that is open. */
  path: string;
  onFold: (unfolded: boolean) => void;
}

/** The pages of one plugin. Folded, only the one that is open stays: who is there sees where. */
function PluginSection({ group: { plugin, name, pages }, unfolded, path, onFold }: SectionProps) {
  const id = useId();
  const shown = unfolded ? pages : pages.filter((page) => isOpen(path, plugin, page.path));
  return (
    <section aria-labelledby={`${id}-name`}>
      <UnstyledButton
        className={classes.name}
        aria-expanded={unfolded}
        aria-controls={`${id}-pages`}
        onClick={() => onFold(!unfolded)}
      >
        <Text size="xs" c="dimmed" fw={500} id={`${id}-name`} truncate>
          {name}
        </Text>
        <IconChevronDown size={14} aria-hidden className={classes.chevron} />
      </UnstyledButton>
      <ul className={lines.list} id={`${id}-pages`}>
        {shown.map((page) => {
          const Icon = iconOf(page.icon);
          return (
            <li key={page.name}>
              <Link
                {...pluginPageTarget(plugin, page.path)}
                className={lines.link}
                activeOptions={{ includeSearch: false }}
                activeProps={{ 'aria-current': 'page' }}
              >
                <Icon size={18} stroke={1.6} aria-hidden />
                <Text size="sm" truncate>
                  {page.title}
                </Text>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Whether an address is that of a page of a plugin, or one below it. */
function isOpen(path: string, plugin: string, page: string): boolean {
  const own = `/plugins/${plugin}/pages/${page.replace(/^\/+/, '')}`;
  return path === own || path.startsWith(`${own}/`);
}
