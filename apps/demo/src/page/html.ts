import htm from 'htm';
import { h, type VNode } from 'preact';

// Its declarations are those of a CommonJS package; a browser gets the function.
const { bind } = htm as unknown as typeof htm.default;

/** What a component gives: markup in a template, `html`<p>${text}</p>``. Text is never taken for markup. */
export const html = bind.call(htm, h) as (
  strings: TemplateStringsArray,
  ...values: readonly unknown[]
) => VNode;
