import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { compile } from 'svelte/compiler';
import { expect, test } from 'vitest';
import { compileScript, parse } from 'vue/compiler-sfc';
import { launch } from './browser.ts';
import { startWorld } from './world.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');

/** How a page shows each example. */
const FRAMEWORKS: Readonly<Record<string, string>> = {
  React: `import { createElement } from 'react';
    import { createRoot } from 'react-dom/client';
    import { App } from './App.tsx';
    createRoot(document.querySelector('main')).render(createElement(App));`,
  Vue: `import { createApp } from 'vue';
    import App from './App.vue';
    createApp(App).mount('main');`,
  Svelte: `import { mount } from 'svelte';
    import App from './App.svelte';
    mount(App, { target: document.querySelector('main') });`,
};

test('a form in React, in Vue and in Svelte', async () => {
  await using world = await startWorld();
  const browser = await launch();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    for (const [framework, program] of Object.entries(FRAMEWORKS)) {
      world.pages.set('/app.js', await bundled(program));
      world.pages.set(
        '/app',
        '<!doctype html><title>App</title><main></main><script type="module" src="/app.js"></script>',
      );
      await page.goto(`${world.origin}/app`);
      await page.getByRole('button', { name: 'Choose a file' }).waitFor();
      expect(await page.evaluate(() => document.forms[0]?.checkValidity()), framework).toBe(false);
      const buffer = Buffer.from(framework);
      await page.locator('file-upload input').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer });
      await page.locator('[part=state]').getByText('Uploaded').waitFor();
      await page.getByRole('button', { name: 'Send' }).click();
      await page.locator('output').getByText(`100 % ${framework}`).waitFor();
      await expect.poll(() => page.getByRole('listitem').count()).toBe(0); // the form was reset
    }
  } finally {
    await browser.close();
  }
});

async function bundled(program: string): Promise<string> {
  await using bundle = await rolldown({
    input: 'app',
    platform: 'browser',
    resolve: { conditionNames: ['@fieldfile/source', 'browser', 'import', 'default'] },
    transform: {
      jsx: 'react-jsx',
      define: {
        'process.env.NODE_ENV': '"production"',
        __VUE_OPTIONS_API__: 'false',
        __VUE_PROD_DEVTOOLS__: 'false',
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      },
    },
    plugins: [
      {
        name: 'app',
        resolveId: id => (id === 'app' ? join(EXAMPLES, 'app.js') : null),
        load: id => (id === join(EXAMPLES, 'app.js') ? program : null),
      },
      components,
    ],
  });
  const { output } = await bundle.generate({ format: 'esm' });
  return output[0].code;
}

/** What the plugins of Vite for Vue and Svelte do. */
const components: Plugin = {
  name: 'components',
  load(path) {
    if (path.endsWith('.svelte')) return compile(readFileSync(path, 'utf8'), { generate: 'client' }).js.code;
    if (!path.endsWith('.vue')) return null;
    const { descriptor } = parse(readFileSync(path, 'utf8'));
    const templateOptions = { compilerOptions: { isCustomElement: (tag: string) => tag === 'file-upload' } };
    return compileScript(descriptor, { id: 'app', inlineTemplate: true, templateOptions }).content;
  },
};
