import { azure } from '../cloud/azure.ts';
import { compare, seedLarge, sizeText, take } from '../cloud/comparisons.ts';
import { freshContent, GIB } from '../cloud/content.ts';
import { gcs } from '../cloud/gcs.ts';
import type { Provider } from '../cloud/jobs.ts';
import { s3 } from '../cloud/s3.ts';
import type { Comparison } from '../comparison.ts';
import { peakRss, timed } from '../measure.ts';

const SIZE_BYTES = 4 * GIB;

/** Beside the parts on their way. */
const ROOM_MIB = 64;

export const comparisons: readonly Comparison[] = [s3, gcs, azure].flatMap(provider => [
  up(provider),
  down(provider),
]);

/** Held against a client that has stored a byte. */
function up(provider: Provider): Comparison {
  const rest = {
    title: `${provider.name}: upload a stream of ${sizeText(SIZE_BYTES)}, length unknown`,
    serverEachRound: provider.keepsRemoved,
    bars: [{ figure: 'peakRssMiB', atMost: ROOM_MIB + provider.partsMiB }] as const,
    rounds: 1,
  };
  return compare(provider, 'uploadUnknown', rest, async (upload, folder) => {
    const idle = crypto.randomUUID();
    const key = crypto.randomUUID();
    await upload(idle, freshContent(1));
    const figures = await peakRss(() => timed(() => upload(key, freshContent(SIZE_BYTES))));
    await take(provider, folder, idle, 1);
    await take(provider, folder, key, SIZE_BYTES);
    return figures;
  });
}

/** Held against a client that has read a byte. */
function down(provider: Provider): Comparison {
  const rest = {
    title: `${provider.name}: download a stream of ${sizeText(SIZE_BYTES)}`,
    prepare: (folder: string) => seedLarge(provider, folder, SIZE_BYTES),
    bars: [{ figure: 'peakRssMiB', atMost: ROOM_MIB }] as const,
    rounds: 1,
  };
  return compare(provider, 'download', rest, async download => {
    await download('tiny');
    return peakRss(() =>
      timed(async () => {
        const read = await download('large');
        if (read !== SIZE_BYTES) throw new Error(`${read} bytes of ${SIZE_BYTES} were read.`);
      }),
    );
  });
}
