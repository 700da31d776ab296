import type { VNode } from 'preact';
import { html } from './html.ts';
import { createStore } from './store.ts';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isError: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

const toasts = createStore<readonly Toast[]>([]);
let last = 0;

const SECONDS = 20;

/** Says something in a corner, for a while. */
export function say(
  text: string,
  options: { readonly isError?: boolean; readonly action?: Toast['action'] } = {},
): void {
  const id = ++last;
  const { isError = false, action } = options;
  toasts.update(all => [...all.slice(-3), { id, text, isError, ...(action && { action }) }]);
  setTimeout(() => dismiss(id), SECONDS * 1000);
}

/** What went wrong, in words. */
export const sayError = (error: unknown): void =>
  say(error instanceof Error ? error.message : String(error), { isError: true });

const dismiss = (id: number): void => toasts.update(all => all.filter(toast => toast.id !== id));

export const Toasts = (): VNode => html`
  <div class="toasts" role="status" aria-live="polite">
    ${toasts.use().map(
      ({ id, text, isError, action }) => html`
        <div class=${`toast ${isError ? 'error' : ''}`} key=${id}>
          <bdi>${text}</bdi>
          ${
            action &&
            html`<button
            type="button"
            onClick=${() => {
              dismiss(id);
              action.run();
            }}
          >
            ${action.label}
          </button>`
          }
          <button class="quiet" type="button" aria-label="Dismiss" onClick=${() => dismiss(id)}>×</button>
        </div>
      `,
    )}
  </div>
`;
