import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

// Packages that are installed for a run of their own stand in a folder of their own: whoever asks for one and does not find
// it finds it there, and what they ask for themselves is the workspace's, where it has it.

const folder = pathToFileURL(`${decodeURIComponent(new URL(import.meta.url).search.slice(1))}/`).href;
const workspace = new URL('../../package.json', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const isName = /^[@a-z]/i.test(specifier) && !/^[a-z]+:/.test(specifier);
    if (!isName) return next(specifier, context);
    const isInFolder = context.parentURL?.startsWith(folder) === true;
    try {
      return next(specifier, isInFolder ? { ...context, parentURL: workspace } : context);
    } catch {
      return next(specifier, isInFolder ? context : { ...context, parentURL: `${folder}package.json` });
    }
  },
});
