import type { Page } from 'playwright-core';

/** Seeks in the player of a page. @returns where it is then. */
export const seek = (page: Page, seconds: number): Promise<number> =>
  page.evaluate(async to => {
    const medium = document.querySelector<HTMLMediaElement>('video, audio');
    if (!medium) throw new Error('There is no player.');
    const happened = (name: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        medium.addEventListener(name, resolve, { once: true });
        medium.addEventListener('error', () => reject(new Error(medium.error?.message)), { once: true });
      });
    medium.muted = true;
    if (medium.readyState < 1) await happened('loadedmetadata');
    const seeked = happened('seeked');
    medium.currentTime = to;
    await seeked;
    if (medium.readyState < 2) await happened('canplay');
    return medium.currentTime;
  }, seconds);
