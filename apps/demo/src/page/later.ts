import type { ComponentType, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { html } from './html.ts';
import { createStore, type Store } from './store.ts';

/** Whether something that is to be shown could not be loaded. */
export const missing: Store<boolean> = createStore(false);

/** Settles when the first view is there: what it needs is loaded before everything else. */
const firstView = new Promise<void>(resolve => {
  if (document.readyState === 'complete') resolve();
  else addEventListener('load', () => resolve(), { once: true });
});

/** A component that the first view does without: it is loaded afterwards, or at once when it is shown. */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => VNode | null {
  let loaded: ComponentType<Props> | undefined;
  const get = async (): Promise<ComponentType<Props>> => {
    loaded ??= await load();
    return loaded;
  };
  // Without a server it cannot be loaded now. It is asked for again when it is shown.
  void firstView.then(get).catch(() => {});
  return props => {
    const [View, show] = useState<ComponentType<Props> | undefined>(() => loaded);
    useEffect(() => {
      void firstView.then(get).then(
        view => show(() => view),
        () => missing.update(() => true),
      );
    }, []);
    return View ? html`<${View} ...${props} />` : null;
  };
}

/** Adds a stylesheet to the page, once. @returns when it is there. */
export function loadStyles(name: string): Promise<void> {
  const href = `/page/${name}.css`;
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const link = document.createElement('link');
  return new Promise((resolve, reject) => {
    Object.assign(link, { rel: 'stylesheet', href, onload: resolve });
    link.addEventListener('error', () => {
      link.remove();
      reject(new Error(`${name}.css was not loaded.`));
    });
    document.head.append(link);
  });
}
