/** Colors follow the page's `color-scheme`. What a page may want to change has a custom property; all else has a part. */
const CSS = `
:host {
  --accent: var(--file-upload-accent, light-dark(#0b57d0, #a8c7fa));
  --danger: var(--file-upload-danger, light-dark(#b3261e, #ffb4ab));
  --muted: var(--file-upload-muted, light-dark(#50555c, #b4b9c0));
  --border: var(--file-upload-border, light-dark(#767c85, #8d939b));
  --radius: var(--file-upload-radius, 0.5rem);
  display: block;
  color: CanvasText;
}
:host([hidden]) { display: none; }
[part~=drop] {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.5rem 0.75rem;
  padding: 1rem;
  border: 1px dashed var(--border);
  border-radius: var(--radius);
}
:host(:state(dragging)) [part~=drop] {
  border-color: var(--accent);
  outline: 1px solid var(--accent);
}
button {
  font: inherit;
  padding: 0.375rem 0.75rem;
  min-block-size: 1.75rem;
  color: var(--accent);
  background: transparent;
  border: 1px solid currentColor;
  border-radius: var(--radius);
  cursor: pointer;
}
button:disabled { color: GrayText; cursor: default; }
button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[part~=action] { padding-block: 0.125rem; padding-inline: 0.5rem; font-size: 0.875em; }
[part~=hint], [part~=state] { color: var(--muted); }
[part~=state][data-failed] { color: var(--danger); }
[part~=list] { list-style: none; margin: 0; padding: 0; }
[part~=item] {
  display: grid;
  grid-template-columns: 1fr auto;
  gap: 0.125rem 0.75rem;
  align-items: center;
  padding-block: 0.75rem 0;
}
[part~=name] { overflow-wrap: anywhere; }
[part~=actions] { grid-row: span 2; display: flex; gap: 0.5rem; }
[part~=state] { font-size: 0.875em; }
progress { grid-column: 1 / -1; inline-size: 100%; block-size: 0.5rem; accent-color: var(--accent); }
[hidden] { display: none !important; }
[part~=status] {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@media (prefers-reduced-motion: no-preference) {
  [part~=drop], button { transition: border-color 0.15s, outline-color 0.15s; }
}
`;

let sheet: CSSStyleSheet | undefined;

/** One for all elements, which a page's policy for styles does not forbid. */
export function styles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
