import { type ComponentType, render, type VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { html } from './html.ts';
import { Icon } from './icons.ts';
import { later, loadStyles, missing } from './later.ts';
import { Library } from './library/library.ts';
import { connect, library } from './library/state.ts';

interface Page {
  readonly title: string;
  /** Loaded when it is looked at. */
  readonly load: () => Promise<ComponentType>;
}

const PAGES: Readonly<Record<string, Page>> = {
  library: { title: 'Library', load: async () => Library },
  memory: { title: 'Memory', load: async () => (await styled(import('./labs/memory.ts'), 'labs')).MemoryLab },
  crash: {
    title: 'Crash',
    load: async () => (await styled(import('./labs/crash.ts'), 'labs', 'crash')).CrashLab,
  },
  storage: {
    title: 'Storage',
    load: async () => (await styled(import('./labs/storage.ts'), 'labs', 'crash')).StoragePage,
  },
};

async function styled<Module>(module: Promise<Module>, ...styles: readonly string[]): Promise<Module> {
  const [loaded] = await Promise.all([module, ...styles.map(loadStyles)]);
  return loaded;
}

const Toasts = later(async () => (await styled(import('./toasts.ts'), 'corners')).Toasts);

function App(): VNode {
  const [name, go] = useState(nameInAddress());
  const isMissing = missing.use();
  const [View, show] = useState<ComponentType | undefined>(() => (name === 'library' ? Library : undefined));
  useEffect(() => {
    const onHashChange = (): void => go(nameInAddress());
    addEventListener('hashchange', onHashChange);
    return () => removeEventListener('hashchange', onHashChange);
  }, []);
  useEffect(() => {
    document.title = `${PAGES[name]?.title} · FieldFile`;
    let isLeft = false;
    void PAGES[name]
      ?.load()
      .catch(() => NotLoaded)
      .then(view => isLeft || show(() => view));
    return () => {
      isLeft = true;
    };
  }, [name]);
  return html`
    <a class="skip" href="#content">Skip to the content</a>
    <header class="top">
      <a class="brand" href="#library"><img src="/page/icon.svg" alt="" width="28" height="28" />FieldFile</a>
      <nav aria-label="Pages">
        ${Object.entries(PAGES).map(
          ([page, { title }]) =>
            html`<a href=${`#${page}`} aria-current=${page === name ? 'page' : undefined}>${title}</a>`,
        )}
      </nav>
      <${Connection} />
      <${ThemeButton} />
    </header>
    <main id="content" tabindex="-1">
      ${isMissing && html`<${NotLoaded} what="parts of this page" />`}
      ${View && html`<${View} />`}
    </main>
    <${Toasts} />
  `;
}

const NotLoaded = ({ what = 'this page' }: { readonly what?: string }): VNode => html`
  <p class="notice" role="alert">
    The server cannot be reached, so ${what} could not be loaded. <a href="" onClick=${() => location.reload()}>Try again</a>
  </p>
`;

function Connection(): VNode {
  const { connection } = library.use();
  const text = { connecting: 'Connecting', live: 'Live', lost: 'Server gone' }[connection];
  return html`<p class="connection" role="status" data-state=${connection}>${text}</p>`;
}

function ThemeButton(): VNode {
  const [theme, choose] = useState(() => localStorage.getItem('theme') ?? systemTheme());
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem('theme', theme);
  }, [theme]);
  const other = theme === 'dark' ? 'light' : 'dark';
  return html`
    <button class="quiet" type="button" onClick=${() => choose(other)} aria-label=${`Show in ${other} colours`}>
      <${Icon} name="light" />
    </button>
  `;
}

const systemTheme = (): string => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

const nameInAddress = (): string => {
  const name = location.hash.slice(1);
  return name in PAGES ? name : 'library';
};

connect();
render(html`<${App} />`, document.body);
