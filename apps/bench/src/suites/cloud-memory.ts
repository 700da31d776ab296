import { azure } from '../cloud/azure.ts';
import { connectLibrary, sizeText, take } from '../cloud/comparisons.ts';
import { freshContent, GIB } from '../cloud/content.ts';
import { gcs } from '../cloud/gcs.ts';
import { type Connect, fieldFile, type Jobs, type Provider } from '../cloud/jobs.ts';
import { s3 } from '../cloud/s3.ts';
import { type Comparison, FIELDFILE, type Way } from '../comparison.ts';
import { peakRss, timed } from '../measure.ts';

const SIZE_BYTES = 4 * GIB;

/** Beside the parts on their way. */
const ROOM_MIB = 64;

export const comparisons: readonly Comparison[] = [s3, gcs, azure].map(provider => {
  const { name, bare, partsMiB } = provider;
  const [upload] = Object.entries(bare.uploadUnknown);
  const [download] = Object.entries(bare.download);
  if (!upload || !download) throw new Error(`${name} has no bare call.`);
  const library = fieldFile(provider.open);
  const rivals = Object.entries(provider.rivals)
    .filter(([, { jobs }]) => jobs.includes('uploadUnknown'))
    .map(([rival, library]) => [
      rival,
      upAndDown(provider, connectLibrary(library, 'uploadUnknown'), connectLibrary(library, 'download')),
    ]);
  return {
    title: `${name}: a stream of ${sizeText(SIZE_BYTES)}, length unknown, up and down`,
    ways: {
      [`${upload[0]}; ${download[0]}`]: upAndDown(provider, upload[1], download[1]),
      [FIELDFILE]: upAndDown(
        provider,
        connectLibrary(library, 'uploadUnknown'),
        connectLibrary(library, 'download'),
      ),
    },
    rivals: Object.fromEntries(rivals),
    bars: [{ figure: 'peakRssMiB', atMost: ROOM_MIB + partsMiB }],
    server: provider.start,
    serverEachRound: provider.keepsRemoved,
    rounds: 1,
  };
});

/** Held against a client that has stored and read a byte. */
function upAndDown(
  provider: Provider,
  connectUpload: Connect<Jobs['uploadUnknown']>,
  connectDownload: Connect<Jobs['download']>,
): Way {
  return async folder => {
    const upload = await connectUpload(folder);
    const download = await connectDownload(folder);
    const move = async (key: string, sizeBytes: number): Promise<void> => {
      await upload(key, freshContent(sizeBytes));
      const read = await download(key);
      if (read !== sizeBytes) throw new Error(`${read} bytes of ${sizeBytes} were read back.`);
    };
    await move('idle', 1);
    const figures = await peakRss(() => timed(() => move('object', SIZE_BYTES)));
    await take(provider, folder, 'idle', 1);
    await take(provider, folder, 'object', SIZE_BYTES);
    return figures;
  };
}
